// GET /api/v1/usage: what a project relayed, summed up by hour, day, room, client and region.
//
// From the stores of all nodes, into which live sessions report every ten seconds.
#pragma once

#include "api/resources/endpoint.hpp"
#include "api/store/store.hpp"

#include <vector>

namespace turnix::api {

class usage {
  public:
    /// `records` outlives the object.
    explicit usage(store::store& records) : records_{records} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome sum(const call& asked);

    store::store& records_;
};

}  // namespace turnix::api
