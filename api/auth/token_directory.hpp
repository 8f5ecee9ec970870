// All tokens and the projects behind them, in memory: a request is authenticated without disk.
//
// Loaded whole from the store at start; what changes through it is written to the store first. Any thread.
#pragma once

#include "api/model/token.hpp"
#include "api/store/store.hpp"
#include "common/net/result.hpp"

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace turnix::auth {

/// Each of them is a 401; the difference is for metrics and logs.
enum class auth_error : std::uint8_t {
    missing,    ///< no Authorization header
    malformed,  ///< not "Bearer" and a well-formed token
    unknown,    ///< no such token, or another secret
    revoked,
    expired,
};
std::string_view to_string(auth_error value) noexcept;
/// What result::value() throws, in tests: std::runtime_error.
[[noreturn]] void throw_exception_from_error(auth_error error, const boost::source_location& where);

struct token_request {
    model::token_reach reach;
    std::string name;
    model::scope_set scopes;
    std::optional<wall_time> expires_at;
};

struct created_token {
    model::token token;
    std::string text;  ///< the secret's only appearance
};

class token_directory {
  public:
    /// Reads everything there is; throws store_error. `store` outlives the directory.
    explicit token_directory(store::store& store);

    /// Takes the value of the Authorization header (RFC 6750 §2.1), empty when there is none. The use is
    /// written down through the store's queue, at most once a minute for each token.
    [[nodiscard]] result<model::principal, auth_error> authenticate(std::string_view authorization,
                                                                    wall_time now);

    /// Null when there is none.
    [[nodiscard]] std::shared_ptr<const model::project> find_project(project_id id) const;
    [[nodiscard]] std::shared_ptr<const model::project> find_project(organisation_id organisation,
                                                                     std::string_view slug) const;

    /// In effect when it returns. Waits for the store; throws store_error when it cannot write, and
    /// std::invalid_argument when organisation and project do not exist together.
    created_token create(const token_request& request, wall_time now);
    /// The tokens that `within` covers, in the order of their creation, revoked and expired ones included.
    [[nodiscard]] std::vector<model::token> list(const model::token_reach& within) const;
    /// False when `within` covers no such token. In effect on this node at once, even when the store cannot
    /// write, which throws store_error after that.
    bool revoke(const model::token_reach& within, token_id id, wall_time now);

  private:
    struct entry;

    [[nodiscard]] std::shared_ptr<entry> find(token_id id) const;
    [[nodiscard]] std::shared_ptr<const model::project> project_of(const model::token_reach& reach) const;
    void note_use(entry& of, wall_time now);

    store::store& store_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<token_id, std::shared_ptr<entry>> tokens_;
    std::unordered_map<project_id, std::shared_ptr<const model::project>> projects_;
    std::unordered_map<organisation_id, project_id> default_projects_;
};

}  // namespace turnix::auth
