#include "api/auth/token_directory.hpp"

#include "api/auth/token_text.hpp"
#include "common/crypto/compare.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/throw_exception.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <tuple>

namespace turnix::auth {

namespace {

constexpr auto use_interval = std::chrono::minutes{1};
constexpr std::string_view scheme = "Bearer ";

/// What an unknown token is compared with, so that it takes as long as a known one.
constexpr model::secret_digest no_digest{};

}  // namespace

/// A token never leaves the directory, and all of it but its revocation and last use stays as it is.
struct token_directory::entry {
    explicit entry(const model::token& of)
        : token{of},
          revoked_at{of.revoked_at.value_or(wall_time::max())},
          last_used_at{of.last_used_at.value_or(wall_time::min())} {}

    const model::token token;
    std::atomic<wall_time> revoked_at;
    std::atomic<wall_time> last_used_at;

    [[nodiscard]] bool is_revoked() const noexcept { return revoked_at.load() != wall_time::max(); }
    [[nodiscard]] model::token as_of_now() const {
        auto copy = token;
        if (is_revoked()) copy.revoked_at = revoked_at.load();
        const auto used = last_used_at.load();
        if (used != wall_time::min()) copy.last_used_at = used;
        return copy;
    }
};

token_directory::token_directory(store::store& store) : store_{store} {
    for (const auto& each : store.organisations()) default_projects_.emplace(each.id, each.default_project);
    for (const auto& each : store.projects())
        projects_.emplace(each.id, std::make_shared<const model::project>(each));
    for (const auto& each : store.tokens()) tokens_.emplace(each.id, std::make_shared<entry>(each));
}

result<model::principal, auth_error> token_directory::authenticate(std::string_view authorization,
                                                                   wall_time now) {
    if (authorization.empty()) return auth_error::missing;
    if (!boost::algorithm::istarts_with(authorization, scheme)) return auth_error::malformed;
    const auto presented = parse_token(authorization.substr(scheme.size()));
    if (!presented) return auth_error::malformed;
    const auto known = find(presented->id);
    const bool genuine =
        crypto::equal_in_constant_time(presented->digest, known ? known->token.digest : no_digest);
    if (!known || !genuine) return auth_error::unknown;
    const auto& token = known->token;
    if (known->is_revoked()) return auth_error::revoked;
    if (token.expires_at && now >= *token.expires_at) return auth_error::expired;
    note_use(*known, now);
    return model::principal{
        .token = token.id, .reach = token.reach, .scopes = token.scopes, .project = project_of(token.reach)};
}

std::shared_ptr<const model::project> token_directory::find_project(project_id id) const {
    const std::shared_lock lock{mutex_};
    const auto found = projects_.find(id);
    return found == projects_.end() ? nullptr : found->second;
}

std::shared_ptr<const model::project> token_directory::find_project(organisation_id organisation,
                                                                    std::string_view slug) const {
    const std::shared_lock lock{mutex_};
    const auto found = std::ranges::find_if(projects_, [&](const auto& each) {
        return each.second->organisation == organisation && each.second->slug == slug;
    });
    return found == projects_.end() ? nullptr : found->second;
}

created_token token_directory::create(const token_request& request, wall_time now) {
    const auto project = project_of(request.reach);
    if (!project || project->organisation != request.reach.organisation)
        throw std::invalid_argument{"there is no such organisation or project"};
    const auto id = token_id::random();
    auto minted = mint_token(id);
    const model::token made{.id = id,
                            .reach = request.reach,
                            .name = request.name,
                            .scopes = request.scopes,
                            .digest = minted.digest,
                            .created_at = now,
                            .expires_at = request.expires_at,
                            .revoked_at = std::nullopt,
                            .last_used_at = std::nullopt};
    store_.add_token(made);
    const std::unique_lock lock{mutex_};
    tokens_.emplace(id, std::make_shared<entry>(made));
    return {.token = made, .text = std::move(minted.text)};
}

std::vector<model::token> token_directory::list(const model::token_reach& within) const {
    std::vector<model::token> covered;
    {
        const std::shared_lock lock{mutex_};
        for (const auto& [id, each] : tokens_)
            if (within.covers(each->token.reach)) covered.push_back(each->as_of_now());
    }
    std::ranges::sort(covered, {}, [](const auto& each) { return std::tuple{each.created_at, each.id}; });
    return covered;
}

bool token_directory::revoke(const model::token_reach& within, token_id id, wall_time now) {
    const auto known = find(id);
    if (!known || !within.covers(known->token.reach)) return false;
    auto not_revoked = wall_time::max();
    known->revoked_at.compare_exchange_strong(not_revoked, now);
    store_.revoke_token(id, known->revoked_at.load());
    return true;
}

std::shared_ptr<token_directory::entry> token_directory::find(token_id id) const {
    const std::shared_lock lock{mutex_};
    const auto found = tokens_.find(id);
    return found == tokens_.end() ? nullptr : found->second;
}

std::shared_ptr<const model::project> token_directory::project_of(const model::token_reach& reach) const {
    if (reach.project) return find_project(*reach.project);
    const std::shared_lock lock{mutex_};
    const auto id = default_projects_.find(reach.organisation);
    const auto found = id == default_projects_.end() ? projects_.end() : projects_.find(id->second);
    return found == projects_.end() ? nullptr : found->second;
}

void token_directory::note_use(entry& of, wall_time now) {
    auto before = of.last_used_at.load();
    if (before != wall_time::min() && now - before < use_interval) return;
    if (of.last_used_at.compare_exchange_strong(before, now)) store_.record_token_use(of.token.id, now);
}

std::string_view to_string(auth_error value) noexcept {
    switch (value) {
        case auth_error::missing:
            return "a bearer token is required";
        case auth_error::malformed:
            return "the Authorization header holds no well-formed bearer token";
        case auth_error::unknown:
            return "the token is unknown";
        case auth_error::revoked:
            return "the token was revoked";
        case auth_error::expired:
            return "the token has expired";
    }
    return "unknown error";
}

void throw_exception_from_error(auth_error error, const boost::source_location& where) {
    boost::throw_exception(std::runtime_error{std::string{to_string(error)}}, where);
}

}  // namespace turnix::auth
