#include "api/auth/token_directory.hpp"

#include "api/auth/token_text.hpp"
#include "api/store/record_table.hpp"
#include "api/store/token_table.hpp"
#include "common/clock/insist.hpp"
#include "common/crypto/compare.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/throw_exception.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace turnix::auth {

namespace {

constexpr auto use_interval = std::chrono::minutes{1};
constexpr std::string_view scheme = "Bearer ";

/// What an unknown token is compared with, so that it takes as long as a known one.
constexpr model::secret_digest no_digest{};
const model::token no_token{};

bool is_secret_of(const model::token& token, const model::secret_digest& presented, wall_time now) {
    if (crypto::equal_in_constant_time(presented, token.digest)) return true;
    const bool overlaps = token.previous_ends_at && now < *token.previous_ends_at;
    return overlaps && crypto::equal_in_constant_time(presented, token.previous_digest.value_or(no_digest));
}

}  // namespace

/// All but the last use stays as it is: a change replaces the entry.
struct token_directory::entry {
    explicit entry(const model::token& of)
        : token{of}, last_used_at{of.last_used_at.value_or(wall_time::min())} {}

    const model::token token;
    std::atomic<wall_time> last_used_at;

    [[nodiscard]] model::token as_of_now() const {
        auto copy = token;
        const auto used = last_used_at.load();
        if (used != wall_time::min()) copy.last_used_at = used;
        return copy;
    }
};

token_directory::token_directory(store::store& store, tenant_directory& tenants)
    : store_{store}, tenants_{tenants} {
    for (const auto& each : store.tokens()) put(each);
}

result<model::principal, auth_error> token_directory::authenticate(std::string_view authorization,
                                                                   wall_time now) {
    if (authorization.empty()) return auth_error::missing;
    if (!boost::algorithm::istarts_with(authorization, scheme)) return auth_error::malformed;
    const auto presented = parse_token(authorization.substr(scheme.size()));
    if (!presented) return auth_error::malformed;
    const auto known = entry_of(presented->id);
    if (!is_secret_of(known ? known->token : no_token, presented->digest, now) || !known) {
        return auth_error::unknown;
    }
    const auto& token = known->token;
    if (token.revoked_at) return auth_error::revoked;
    if (token.expires_at && now >= *token.expires_at) return auth_error::expired;
    auto project = project_of(token.reach);
    if (!project) return auth_error::unknown;  // it is being deleted
    note_use(*known, now);
    return model::principal{
        .token = token.id, .reach = token.reach, .scopes = token.scopes, .project = std::move(project)};
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

std::optional<model::token> token_directory::find(const model::token_reach& within, token_id id) const {
    const auto known = entry_of(id);
    if (!known || !within.covers(known->token.reach)) return std::nullopt;
    return known->as_of_now();
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
    write(made);
    return {.token = made, .text = std::move(minted.text)};
}

std::optional<model::token> token_directory::change(const model::token_reach& within, token_id id,
                                                    const token_change& to) {
    auto token = find(within, id);
    if (!token || token->revoked_at) return std::nullopt;
    if (to.name) token->name = *to.name;
    if (to.scopes) token->scopes = *to.scopes;
    if (to.expires_at) token->expires_at = *to.expires_at;
    write(*token);
    return token;
}

std::optional<created_token> token_directory::rotate(const model::token_reach& within, token_id id,
                                                     wall_time old_ends_at) {
    auto token = find(within, id);
    if (!token || token->revoked_at) return std::nullopt;
    auto minted = mint_token(id);
    token->previous_digest = std::exchange(token->digest, minted.digest);
    token->previous_ends_at = old_ends_at;
    write(*token);
    return created_token{.token = *token, .text = std::move(minted.text)};
}

bool token_directory::revoke(const model::token_reach& within, token_id id, wall_time now) {
    auto token = find(within, id);
    if (!token) return false;
    if (token->revoked_at) return true;
    token->revoked_at = now;
    settle(*token);
    const auto records = stamped(*token);
    tenants_.versions().tell(records);
    const auto write_it = [revoked = *token, records](auto& database) {
        store::update_token(database, revoked);
        store::write_records(database, records);
    };
    try {
        store_.run(write_it);
    } catch (const store::store_error&) {
        store_.record(write_it);
        throw;
    }
    return true;
}

void token_directory::forget(project_id project) {
    const std::unique_lock lock{mutex_};
    std::erase_if(tokens_,
                  [project](const auto& each) { return each.second->token.reach.project == project; });
}

void token_directory::take(const model::token& told, const model::shared_record& as) {
    const auto taken = with_use_here(told);
    settle(taken);
    store_.record([taken, as](auto& database) {
        store::put_token(database, taken);
        store::write_records(database, {as});
    });
}

void token_directory::look_again(std::span<const token_id> tokens) {
    std::vector<std::optional<model::token>> found;
    store_.run([&](auto& database) {
        for (const auto id : tokens) found.push_back(store::find_token(database, id));
    });
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (const auto& there = found[i]) {
            settle(with_use_here(*there));
        } else {
            const std::unique_lock lock{mutex_};
            tokens_.erase(tokens[i]);
        }
    }
}

std::vector<model::token> token_directory::all() const {
    const std::shared_lock lock{mutex_};
    std::vector<model::token> found;
    found.reserve(tokens_.size());
    for (const auto& [id, each] : tokens_) found.push_back(each->as_of_now());
    return found;
}

token_directory::entry_pointer token_directory::entry_of(token_id id) const {
    const std::shared_lock lock{mutex_};
    const auto found = tokens_.find(id);
    return found == tokens_.end() ? nullptr : found->second;
}

model::token token_directory::with_use_here(model::token of) const {
    if (const auto known = entry_of(of.id)) of.last_used_at = known->as_of_now().last_used_at;
    return of;
}

project_pointer token_directory::project_of(const model::token_reach& reach) const {
    if (reach.project) return tenants_.find_project(*reach.project);
    const auto organisation = tenants_.find_organisation(reach.organisation);
    return organisation ? tenants_.default_project_of(*organisation) : nullptr;
}

void token_directory::write(const model::token& changed) {
    const auto records = stamped(changed);
    store_.run([&](auto& database) {
        store::put_token(database, changed);
        store::write_records(database, records);
    });
    settle(changed);
    tenants_.versions().tell(records);
}

std::vector<model::shared_record> token_directory::stamped(const model::token& made) {
    return tenants_.versions().stamped({model::record_of(made)}, instant::now().wall,
                                       made.revoked_at.has_value());
}

void token_directory::put(const model::token& token) {
    tokens_.insert_or_assign(token.id, std::make_shared<entry>(token));
}

void token_directory::settle(const model::token& token) {
    // It is written down already: memory has to say the same.
    insist([&] {
        const std::unique_lock lock{mutex_};
        put(token);
    });
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
