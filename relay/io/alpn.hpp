// Which of the protocols that a client offers by ALPN is spoken with it (RFC 7301, RFC 7443 §3). Pure, any
// thread.
#pragma once

#include <span>

namespace turnix::io {

/// `offered` is a list of names, each behind a byte with its length. The one that is spoken, out of that
/// list, without its length: stun.turn before stun.nat-discovery. Empty when there is neither.
[[nodiscard]] std::span<const unsigned char> choose_protocol(std::span<const unsigned char> offered) noexcept;

}  // namespace turnix::io
