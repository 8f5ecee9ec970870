// /api/v1/sessions: what is relayed at this moment, what was, and the end of it.
//
// Live sessions come from the relay, with counters at most a second old; the history comes from the store.
// Each node knows its own, and the fleet's answer is made of theirs.
#pragma once

#include "api/resources/endpoint.hpp"
#include "api/resources/session_json.hpp"
#include "api/store/store.hpp"
#include "common/contract/session_control.hpp"
#include "common/credential/current_keys.hpp"

#include <memory>
#include <vector>

namespace turnix::api {

class sessions {
  public:
    struct parts {
        store::store& records;
        contract::session_control& relay;
        credential::current_keys keys;
        session_place here;
    };
    explicit sessions(parts from) : parts_{std::move(from)} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked);
    [[nodiscard]] outcome read(const call& asked);
    [[nodiscard]] outcome terminate(const call& asked);
    [[nodiscard]] outcome samples(const call& asked);

    parts parts_;
};

}  // namespace turnix::api
