// All API tokens, in memory: a request is authenticated without disk.
//
// Loaded whole from the store at start; what changes through it is written to the store first, as a new
// version of a shared record, in effect when the call returns, and told to other nodes. Any thread may
// authenticate and list; changes wait for the store's commit, one at a time, and what other nodes have
// changed comes on the thread that changes.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/model/token.hpp"
#include "api/store/store.hpp"
#include "common/net/result.hpp"

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <span>
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

/// What a change leaves as it is, is absent.
struct token_change {
    std::optional<std::string> name{};
    std::optional<model::scope_set> scopes{};
    std::optional<std::optional<wall_time>> expires_at{};
};

class token_directory {
  public:
    /// Reads everything there is; throws store_error. Both outlive the directory.
    token_directory(store::store& store, tenant_directory& tenants);

    /// Takes the value of the Authorization header (RFC 6750 §2.1), empty when there is none. The use is
    /// written down through the store's queue, at most once a minute for each token.
    [[nodiscard]] result<model::principal, auth_error> authenticate(std::string_view authorization,
                                                                    wall_time now);

    /// The tokens that `within` covers, in the order of their creation, revoked and expired ones included.
    [[nodiscard]] std::vector<model::token> list(const model::token_reach& within) const;
    /// Nothing when `within` covers no such token.
    [[nodiscard]] std::optional<model::token> find(const model::token_reach& within, token_id id) const;

    /// These throw store_error when the store cannot write, and change nothing then.
    ///
    /// Throws std::invalid_argument when organisation and project do not exist together.
    created_token create(const token_request& request, wall_time now);
    /// Nothing when `within` covers no such token, or it is revoked.
    std::optional<model::token> change(const model::token_reach& within, token_id id, const token_change& to);
    /// A new secret under the same id; the old one is good until `old_ends_at`. Nothing when `within` covers
    /// no such token, or it is revoked.
    std::optional<created_token> rotate(const model::token_reach& within, token_id id, wall_time old_ends_at);

    /// False when `within` covers no such token. In effect on this node at once, even when the store cannot
    /// write: it throws store_error then, and writes when it can again.
    bool revoke(const model::token_reach& within, token_id id, wall_time now);
    /// The project is gone from the store, and its tokens with it.
    void forget(project_id project);
    /// Others wrote these rows of the store, or removed them: takes over what is there. Not while a change
    /// is under way. Throws store_error.
    void look_again(std::span<const token_id> tokens);

    /// Is there such a token, whoever it is of?
    [[nodiscard]] bool knows(token_id id) const { return entry_of(id) != nullptr; }
    /// What another node has made, under its record: in effect at once, written when the store can. Its
    /// organisation and project are known.
    void take(const model::token& told, const model::shared_record& as);
    /// Every token there is, in no order.
    [[nodiscard]] std::vector<model::token> all() const;

  private:
    struct entry;
    using entry_pointer = std::shared_ptr<entry>;

    [[nodiscard]] entry_pointer entry_of(token_id id) const;
    /// With its last use on this node.
    [[nodiscard]] model::token with_use_here(model::token of) const;
    [[nodiscard]] project_pointer project_of(const model::token_reach& reach) const;
    /// In force when it returns.
    void write(const model::token& changed);
    [[nodiscard]] std::vector<model::shared_record> stamped(const model::token& made);
    void put(const model::token& token);
    /// The same, with the lock.
    void settle(const model::token& token);
    void note_use(entry& of, wall_time now);

    store::store& store_;
    tenant_directory& tenants_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<token_id, entry_pointer> tokens_;
};

}  // namespace turnix::auth
