// /api/v1/rooms and /api/v1/clients: live sessions by room and by client, and what each has come to in all.
//
// The lists show who is there now, by name; one room or client also has its history. Both are the fleet's: a
// room may be on several nodes.
#pragma once

#include "api/resources/endpoint.hpp"
#include "api/store/store.hpp"
#include "common/contract/session_control.hpp"

#include <string>
#include <vector>

namespace turnix::api {

class live_groups {
  public:
    /// Both outlive the object.
    live_groups(store::store& records, contract::session_control& relay) : records_{records}, relay_{relay} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    enum class kind : std::uint8_t { room, client };
    /// Members of the JSON, the first also of the path.
    struct words {
        const char* one;
        const char* others;
    };
    static words words_of(kind of) noexcept;

    [[nodiscard]] outcome list(const call& asked, kind of);
    [[nodiscard]] outcome read(const call& asked, kind of);

    store::store& records_;
    contract::session_control& relay_;
};

}  // namespace turnix::api
