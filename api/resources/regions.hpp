// GET /api/v1/regions: the fleet's regions and what works, as this node sees it.
#pragma once

#include "api/fleet/region_directory.hpp"
#include "api/resources/endpoint.hpp"

#include <vector>

namespace turnix::api {

/// Any valid token may ask. The directory outlives the object; thread of the server's io_context.
class regions {
  public:
    explicit regions(const fleet::region_directory& directory) : directory_{directory} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked) const;

    const fleet::region_directory& directory_;
};

}  // namespace turnix::api
