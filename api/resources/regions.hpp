// GET /api/v1/regions: the fleet's regions and what works, as this node sees it.
#pragma once

#include "api/fleet/region_directory.hpp"
#include "api/http/router.hpp"
#include "api/resources/guard.hpp"

namespace turnix::api {

/// Any valid token may ask. Both references outlive the object; thread of the server's io_context.
class regions {
  public:
    regions(guard& admission, const fleet::region_directory& directory)
        : admission_{admission}, directory_{directory} {}

    [[nodiscard]] http::response list(const http::request& asked, const http::context& with);

  private:
    guard& admission_;
    const fleet::region_directory& directory_;
};

}  // namespace turnix::api
