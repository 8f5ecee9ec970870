#include "api/resources/new_override.hpp"

#include "common/credential/key_ring.hpp"

namespace turnix::api {

namespace {

using std::chrono::seconds;

/// Clocks differ, and a credential is taken a little past its dates.
constexpr seconds margin{2 * credential::clock_tolerance};

}  // namespace

contract::credential_override new_override(const contract::override_target& target, wall_time now,
                                           seconds lifetime_max) {
    // Seconds are as fine as a credential's dates are: what this second issued is meant, and what it still
    // issues is dated a second later.
    const auto second = std::chrono::floor<seconds>(now);
    return {.target = target, .issued_before = second + seconds{1}, .until = second + lifetime_max + margin};
}

http::error no_room_for_overrides() {
    return {.code = http::error_code::unavailable,
            .message = "This node holds as many revocations and changes as it can; some end by themselves."};
}

}  // namespace turnix::api
