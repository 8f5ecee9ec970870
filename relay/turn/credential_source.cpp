#include "relay/turn/credential_source.hpp"

#include "common/credential/names.hpp"
#include "common/credential/opaque_string.hpp"
#include "common/crypto/digest.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace turnix::turn {

namespace {

std::span<const std::byte> bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }

// One username is one credential on every node and after every start, for quotas and records.
credential_id id_of(std::string_view username) noexcept {
    const auto digest = crypto::sha256({bytes_of("turnix interop"), bytes_of(username)});
    credential_id id;
    std::ranges::copy(std::span{digest}.first(id.bytes.size()),
                      std::as_writable_bytes(std::span{id.bytes}).begin());
    return id;
}

// Sessions carry names of one alphabet; a user may be called anything.
std::string client_name(std::string_view user) {
    std::string name{user.substr(0, credential::name_characters_max)};
    std::ranges::replace_if(name, [](char each) { return !credential::is_name({&each, 1}); }, '_');
    return name;
}

struct interop_user {
    std::string_view username;
    std::string_view client;
    project_id project;
    std::chrono::sys_seconds expires_at;
};

credential::claims claims_of(const interop_user& user) {
    credential::claims claims;
    claims.id = id_of(user.username);
    claims.project = user.project;
    claims.expires_at = user.expires_at;
    claims.sessions_end_at = credential::no_end;
    claims.initiator_client = client_name(user.client);
    return claims;
}

shared_credential known(const stun::long_term_credential& credential, credential::claims claims) {
    return std::make_shared<const known_credential>(std::string{credential.username},
                                                    long_term_keys{credential}, std::move(claims));
}

}  // namespace

credential_source::credential_source(std::shared_ptr<const credential::key_ring> keys,
                                     const std::string& realm, const interop_credentials& interop)
    : realm_{realm},
      project_{interop.project},
      shared_secrets_{interop.shared_secrets},
      sealed_{std::move(keys), realm} {
    for (const auto& [name, password] : interop.users) {
        users_.emplace(stun::user_hash(name, realm_),
                       known({.username = name, .realm = realm_, .password = password},
                             claims_of({.username = name,
                                        .client = name,
                                        .project = project_,
                                        .expires_at = credential::no_end})));
    }
}

credential_source::candidates credential_source::find(std::string_view username, const instant& now) {
    if (auto user = user_of(username); !user.empty()) return user;
    if (auto found = timed(username); !found.empty()) return found;
    if (auto sealed = sealed_.open(username, now)) return {std::move(sealed)};
    return {};
}

credential_source::candidates credential_source::find_hashed(std::span<const std::byte> user_hash) const {
    crypto::sha256_digest key{};
    if (user_hash.size() != key.size()) return {};
    std::ranges::copy(user_hash, key.begin());
    const auto found = users_.find(key);
    return found == users_.end() ? candidates{} : candidates{found->second};
}

credential_source::candidates credential_source::user_of(std::string_view username) const {
    if (users_.empty()) return {};
    const auto name = credential::opaque_string(username);
    return name ? find_hashed(stun::user_hash(*name, realm_)) : candidates{};
}

credential_source::candidates credential_source::timed(std::string_view username) const {
    candidates found;
    const auto parsed = credential::timed_username::parse(username);
    if (!parsed) return found;
    for (const auto& secret : shared_secrets_) {
        const auto password = credential::timed_password(username, secret);
        found.push_back(known({.username = username, .realm = realm_, .password = password},
                              claims_of({.username = username,
                                         .client = parsed->user,
                                         .project = project_,
                                         .expires_at = parsed->expires_at})));
    }
    return found;
}

}  // namespace turnix::turn
