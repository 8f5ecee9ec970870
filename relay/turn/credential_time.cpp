#include "relay/turn/credential_time.hpp"

#include "common/credential/key_ring.hpp"

#include <algorithm>

namespace turnix::turn {

using std::chrono::floor;
using std::chrono::seconds;

bool may_begin(const credential::claims& claims, wall_time now) noexcept {
    const bool expired = floor<seconds>(now) > claims.expires_at + credential::clock_tolerance;
    return !expired && time_left(claims, now) > seconds{0};
}

seconds time_left(const credential::claims& claims, wall_time now) noexcept {
    const bool ends_at_expiry = claims.expiry == credential::on_expiry::disconnect;
    const auto end =
        ends_at_expiry ? std::min(claims.expires_at, claims.sessions_end_at) : claims.sessions_end_at;
    return end + credential::clock_tolerance - floor<seconds>(now);
}

}  // namespace turnix::turn
