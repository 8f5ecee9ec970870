// /api/v1/projects and /api/v1/organisation: what a tenant may set about itself. For the scope
// projects:admin; what is about the organisation needs a token of the whole organisation.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/auth/token_directory.hpp"
#include "api/fleet/fact_exchange.hpp"
#include "api/resources/credential_rules.hpp"
#include "api/resources/endpoint.hpp"
#include "api/sessions/override_book.hpp"
#include "api/webhooks/webhook_directory.hpp"

#include <vector>

namespace turnix::api {

class projects {
  public:
    struct parts {
        auth::tenant_directory& tenants;
        auth::token_directory& tokens;
        turnix::webhooks::webhook_directory& hooks;
        turnix::sessions::override_book& overrides;
        const fleet::fact_exchange& exchange;
        const current_rules& rules;
    };
    /// The parts outlive the object.
    explicit projects(const parts& from)
        : tenants_{from.tenants},
          tokens_{from.tokens},
          hooks_{from.hooks},
          overrides_{from.overrides},
          exchange_{from.exchange},
          rules_{from.rules} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked) const;
    [[nodiscard]] outcome read(const call& asked) const;
    [[nodiscard]] outcome create(const call& asked);
    [[nodiscard]] outcome change(const call& asked);
    [[nodiscard]] outcome remove(const call& asked);
    [[nodiscard]] outcome read_organisation(const call& asked) const;
    [[nodiscard]] outcome change_organisation(const call& asked);

    /// The project that the path names, when the caller's token covers it. Errors: not_found.
    [[nodiscard]] result<auth::project_pointer, http::error> named_project(const call& asked) const;
    /// Errors: forbidden, when the token is a project's.
    [[nodiscard]] result<model::organisation, http::error> whole_organisation(const call& asked) const;

    auth::tenant_directory& tenants_;
    auth::token_directory& tokens_;
    turnix::webhooks::webhook_directory& hooks_;
    turnix::sessions::override_book& overrides_;
    const fleet::fact_exchange& exchange_;
    const current_rules& rules_;
};

}  // namespace turnix::api
