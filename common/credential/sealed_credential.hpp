// The credential format: claims sealed into a username, a password derived from the username.
//
//   raw      = version(1) | key number(2) | AES-256-SIV tag(16) | encrypted claims
//   username = base64url(raw)                                     at most 508 characters
//   password = base64url(HMAC-SHA-256(password key, username))    43 characters
//
// Version, key number and the relay's realm are associated data: a credential of another realm does not open.
#pragma once

#include "common/credential/claims.hpp"
#include "common/credential/key_ring.hpp"
#include "common/net/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace turnix::credential {

inline constexpr std::size_t username_bytes_max = 508;

enum class credential_error : std::uint8_t {
    malformed,      ///< not base64url, too short, too long, unknown version, sealed claims of another format
    unknown_key,    ///< sealed under a key this ring does not hold
    key_not_valid,  ///< outside the dates of the key
    forged,         ///< does not open: tampered with, or of another realm
};
std::string_view to_string(credential_error value) noexcept;
/// What result::value() throws, outside the data path: std::runtime_error.
[[noreturn]] void throw_exception_from_error(credential_error error, const boost::source_location& where);

enum class issue_error : std::uint8_t {
    no_valid_key,    ///< every key of the ring is out of date
    claims_invalid,  ///< a name, the region, a time or the transports are out of their bounds
};
std::string_view to_string(issue_error value) noexcept;
/// What result::value() throws, outside the data path: std::runtime_error.
[[noreturn]] void throw_exception_from_error(issue_error error, const boost::source_location& where);

struct issued_credential {
    std::string username;
    std::string password;
    std::string public_id;  ///< what the API calls credential_id; see credential_reference
};

struct verified_credential {
    credential::claims claims;
    std::string password;
};

/// Makes and opens credentials under one ring and realm. Not shared between threads: it keeps keyed cipher
/// contexts, which are copied for each operation. The expiry in the claims is the caller's to check.
class credential_sealer {
  public:
    credential_sealer(std::shared_ptr<const key_ring> ring, std::string_view realm);
    ~credential_sealer();
    credential_sealer(credential_sealer&&) noexcept;
    credential_sealer& operator=(credential_sealer&&) noexcept;

    /// Under the ring's current key.
    [[nodiscard]] result<issued_credential, issue_error> issue(const claims& what, wall_time now);
    /// Opens a username. Never throws on hostile input.
    [[nodiscard]] result<verified_credential, credential_error> open(std::string_view username,
                                                                     wall_time now);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace turnix::credential
