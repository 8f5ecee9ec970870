#include "relay/turn/credential_overrides.hpp"

namespace turnix::turn {

shared_credential credential_overrides::judge(shared_credential candidate) const {
    const auto standing = standing_of(candidate->claims);
    return standing.is_revoked ? nullptr : amended(std::move(candidate), standing);
}

shared_credential amended(shared_credential of, const contract::credential_standing& standing) {
    auto claims = of->claims;
    if (standing.extended) {
        claims.expires_at = standing.extended->expires_at;
        claims.sessions_end_at = standing.extended->sessions_end_at;
    }
    if (standing.limits) claims.limits = standing.limits->applied_to(claims.limits);
    if (claims == of->claims) return of;
    return std::make_shared<const known_credential>(of->username, of->keys, std::move(claims));
}

}  // namespace turnix::turn
