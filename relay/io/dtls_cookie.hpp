// DTLS cookies that need no memory: a MAC over the 5-tuple and the time (RFC 6347 §4.2.1). Made under one
// random secret of this start; since the half minute is part of what is authenticated, keys rotate by
// themselves and workers share nothing that changes. Immutable, any thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/crypto/secret.hpp"
#include "relay/turn/routes.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace turnix::io {

class cookie_authority {
  public:
    /// Short enough that no answer is longer than the shortest ClientHello.
    using cookie = std::array<std::byte, 16>;
    /// A cookie is good for at least this long, and for less than twice as long.
    static constexpr std::chrono::seconds lifetime{30};

    /// Under a key of its own, random.
    cookie_authority() noexcept;

    [[nodiscard]] cookie issue(const turn::client_path& path, monotonic_time now) const noexcept;
    /// Compared in constant time.
    [[nodiscard]] bool verify(std::span<const std::byte> received, const turn::client_path& path,
                              monotonic_time now) const noexcept;

  private:
    [[nodiscard]] cookie made_in(std::int64_t slot, const turn::client_path& path) const noexcept;

    crypto::secret<32> key_;
};

}  // namespace turnix::io
