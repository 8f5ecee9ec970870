#include "relay/turn/credential_cache.hpp"

#include <functional>
#include <utility>

namespace turnix::turn {

credential_cache::credential_cache(std::shared_ptr<const credential::key_ring> keys, std::string realm)
    : realm_{std::move(realm)}, sealer_{std::move(keys), realm_}, slots_(slots) {}

void credential_cache::use(std::shared_ptr<const credential::key_ring> keys) {
    sealer_ = credential::credential_sealer{std::move(keys), realm_};
}

shared_credential credential_cache::open(std::string_view username, const instant& now) {
    auto& kept = slots_[std::hash<std::string_view>{}(username) % slots];
    const bool hit = kept.credential && kept.credential->username == username;
    if (hit && now.monotonic < kept.opened_at + kept_for) return kept.credential;

    auto opened = sealer_.open(username, now.wall);
    if (!opened) return nullptr;
    const long_term_keys keys{{.username = username, .realm = realm_, .password = opened->password}};
    kept = {.credential = std::make_shared<const known_credential>(std::string{username}, keys,
                                                                   std::move(opened->claims)),
            .opened_at = now.monotonic};
    return kept.credential;
}

}  // namespace turnix::turn
