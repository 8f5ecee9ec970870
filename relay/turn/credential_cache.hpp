// Opened sealed credentials of one worker, so that a credential's further allocations cost no decryption and
// share one record. Used on its worker's thread.
//
// A table of fixed size, one record a slot, newest wins: only usernames that open get in, and what falls out
// is opened again. An allocation keeps its record alive by itself.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/sealed_credential.hpp"
#include "relay/turn/known_credential.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::turn {

class credential_cache {
  public:
    credential_cache(std::shared_ptr<const credential::key_ring> keys, std::string realm);

    /// From here on usernames are opened with these keys.
    void use(std::shared_ptr<const credential::key_ring> keys);
    /// Null when the username is no credential of this fleet and realm. Its expiry is the caller's to check.
    [[nodiscard]] shared_credential open(std::string_view username, const instant& now);

  private:
    /// A key whose dates are over stops opening credentials at most this late.
    static constexpr std::chrono::seconds kept_for{60};
    static constexpr std::size_t slots = 1024;

    struct slot {
        shared_credential credential;
        monotonic_time opened_at;
    };

    std::string realm_;
    credential::credential_sealer sealer_;
    std::vector<slot> slots_;
};

}  // namespace turnix::turn
