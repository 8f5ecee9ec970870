// A request on its way through the checks.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/message_view.hpp"
#include "relay/turn/allocation.hpp"
#include "relay/turn/routes.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>

namespace turnix::turn {

/// An attribute that need not be there: absent, or present with a value, or not to be decoded (400).
template <class Value>
struct optional_attribute {
    std::optional<Value> value;
    bool malformed{false};
};

struct request {
    const instant& now;
    const client_path& path;
    const stun::message_view& message;
    allocation* session{nullptr};  ///< the path's own, if it has one
    shared_credential credential;  ///< null until the request is authenticated
    /// By which it hashes its password. None: MD5, as clients do that know of no choice (RFC 8489 §9.2.4).
    std::optional<stun::password_algorithm> algorithm;
    /// The worker that has the path: another one than this while its client moves (RFC 8016).
    worker_number arrival{0};

    [[nodiscard]] std::span<const std::byte> key_of(const known_credential& of) const noexcept {
        return of.keys.of(algorithm.value_or(stun::password_algorithm::md5));
    }

    template <class Decoder>
    [[nodiscard]] auto read(stun::attribute_type type, Decoder decode) const noexcept {
        using value = typename std::invoke_result_t<Decoder, std::span<const std::byte>>::value_type;
        const auto raw = message.find(type);
        if (!raw) return optional_attribute<value>{};
        const auto decoded = decode(*raw);
        return optional_attribute<value>{.value = decoded, .malformed = !decoded};
    }
};

/// RFC 8656 §5: why this authenticated request may not touch the allocation of its path; nothing when it may.
[[nodiscard]] std::optional<stun::error_code> ownership_error(const request& asked) noexcept;

/// The comprehension-required attributes that this server does not serve: 420 to a request, silence to an
/// indication.
[[nodiscard]] stun::unknown_attributes unserved_attributes(const stun::message_view& message) noexcept;

}  // namespace turnix::turn
