// A credential as the core uses it: immutable, shared by its allocations, which keep it alive.
#pragma once

#include "common/credential/claims.hpp"
#include "common/crypto/digest.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/integrity.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace turnix::turn {

/// What a client makes of its password, by the algorithm that it has chosen (RFC 8489 §9.2.2, §18.5).
class long_term_keys {
  public:
    explicit long_term_keys(const stun::long_term_credential& credential) noexcept
        : md5_{stun::long_term_key_md5(credential)}, sha256_{stun::long_term_key_sha256(credential)} {}

    [[nodiscard]] std::span<const std::byte> of(stun::password_algorithm algorithm) const noexcept {
        if (algorithm == stun::password_algorithm::sha256) return sha256_;
        return md5_;
    }

  private:
    crypto::md5_digest md5_;
    crypto::sha256_digest sha256_;
};

struct known_credential {
    std::string username;
    long_term_keys keys;
    credential::claims claims;
};
using shared_credential = std::shared_ptr<const known_credential>;

}  // namespace turnix::turn
