// Where a username is looked up: among static users, then as `expiry:user` under the shared secrets, then as
// a sealed credential. The first two are there only when they are configured.
//
// One for each worker, used on its thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/timed_username.hpp"
#include "common/crypto/digest.hpp"
#include "relay/turn/credential_cache.hpp"
#include "relay/turn/interop_credentials.hpp"
#include "relay/turn/known_credential.hpp"

#include <boost/container/static_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnix::turn {

class credential_source {
  public:
    /// One username has a password under each shared secret.
    using candidates = boost::container::static_vector<shared_credential, credential::shared_secrets_max>;

    credential_source(std::shared_ptr<const credential::key_ring> keys, const std::string& realm,
                      const interop_credentials& interop);

    /// From here on sealed credentials are opened with these keys.
    void use(std::shared_ptr<const credential::key_ring> keys) { sealed_.use(std::move(keys)); }

    /// Those that a request under this username may have been signed with; none for a username that is not
    /// known. Their expiry is the caller's to check.
    [[nodiscard]] candidates find(std::string_view username, const instant& now);
    /// The same by USERHASH (RFC 8489 §14.4), which only static users can be found by.
    [[nodiscard]] candidates find_hashed(std::span<const std::byte> user_hash) const;

  private:
    [[nodiscard]] candidates user_of(std::string_view username) const;
    [[nodiscard]] candidates timed(std::string_view username) const;

    std::string realm_;
    project_id project_;
    std::vector<std::string> shared_secrets_;
    boost::unordered_flat_map<crypto::sha256_digest, shared_credential> users_;  ///< by USERHASH
    credential_cache sealed_;
};

}  // namespace turnix::turn
