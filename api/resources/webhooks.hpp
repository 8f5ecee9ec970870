// /api/v1/webhooks: whom to tell what happens, what they were told, and telling them again.
#pragma once

#include "api/resources/endpoint.hpp"
#include "api/store/store.hpp"
#include "api/webhooks/target.hpp"
#include "api/webhooks/webhook_directory.hpp"

#include <vector>

namespace turnix::api {

class webhooks {
  public:
    static constexpr std::size_t webhooks_max = 20;  ///< of a project

    /// Both references outlive the object.
    webhooks(store::store& records, turnix::webhooks::webhook_directory& directory,
             turnix::webhooks::target_policy policy)
        : records_{records}, directory_{directory}, policy_{std::move(policy)} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked) const;
    [[nodiscard]] outcome read(const call& asked) const;
    /// The secret is in this answer and nowhere else.
    [[nodiscard]] outcome create(const call& asked);
    [[nodiscard]] outcome change(const call& asked);
    [[nodiscard]] outcome remove(const call& asked);
    [[nodiscard]] outcome deliveries(const call& asked);
    [[nodiscard]] outcome replay(const call& asked);

    /// The webhook that the path names, when it is the project's. Errors: not_found.
    [[nodiscard]] result<model::webhook, http::error> named_webhook(const call& asked) const;
    /// Errors: malformed, unsupported_media_type, field_invalid.
    [[nodiscard]] std::optional<http::error> read_fields(const call& asked, model::webhook& into,
                                                         bool is_new) const;

    store::store& records_;
    turnix::webhooks::webhook_directory& directory_;
    turnix::webhooks::target_policy policy_;
};

}  // namespace turnix::api
