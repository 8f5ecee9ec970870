// /api/v1/projects and /api/v1/organisation: what a tenant may set about itself. For the scope
// projects:admin; what is about the organisation needs a token of the whole organisation.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/auth/token_directory.hpp"
#include "api/resources/endpoint.hpp"
#include "api/webhooks/webhook_directory.hpp"

#include <vector>

namespace turnix::api {

class projects {
  public:
    struct parts {
        auth::tenant_directory& tenants;
        auth::token_directory& tokens;
        turnix::webhooks::webhook_directory& hooks;
    };
    /// The parts outlive the object.
    explicit projects(const parts& from) : tenants_{from.tenants}, tokens_{from.tokens}, hooks_{from.hooks} {}

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
};

}  // namespace turnix::api
