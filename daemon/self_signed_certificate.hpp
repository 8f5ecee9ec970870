// A certificate for the first steps: TLS listeners work before a real one is there.
#pragma once

#include "common/clock/instant.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace turnix::daemon {

inline constexpr std::chrono::days self_signed_validity{825};

/// Both in PEM.
struct self_signed_certificate {
    std::string certificate;
    std::string private_key;
};

/// ECDSA P-256, for localhost, 127.0.0.1, ::1 and `public_host`, a name or an address; valid from now on for
/// self_signed_validity. Throws std::runtime_error when `public_host` is neither.
self_signed_certificate make_self_signed_certificate(std::string_view public_host, wall_time now);

}  // namespace turnix::daemon
