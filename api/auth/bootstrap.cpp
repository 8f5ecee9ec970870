#include "api/auth/bootstrap.hpp"

#include "api/auth/token_text.hpp"

#include <stdexcept>

namespace turnix::auth {

bootstrapped bootstrap(store::store& store, const first_tenant& tenant, wall_time now) {
    if (!model::is_organisation_name(tenant.organisation_name))
        throw std::invalid_argument{
            "an organisation's name has 1 to 100 bytes, none of them a control character"};
    if (!model::is_project_slug(tenant.project_slug))
        throw std::invalid_argument{
            "a project's slug has 1 to 63 characters out of a-z 0-9 -, the first and the last no hyphen"};
    const auto organisation = organisation_id::random();
    const auto project = project_id::random();
    const auto token = token_id::random();
    auto minted = mint_token(token);
    store.add_tenant(
        {.id = organisation, .name = tenant.organisation_name, .default_project = project, .created_at = now},
        {.id = project,
         .organisation = organisation,
         .slug = tenant.project_slug,
         .settings = {},
         .created_at = now},
        {.id = token,
         .reach = {.organisation = organisation, .project = std::nullopt},
         .name = "first token",
         .scopes = model::scope_set::all(),
         .digest = minted.digest,
         .created_at = now,
         .expires_at = std::nullopt,
         .revoked_at = std::nullopt,
         .last_used_at = std::nullopt});
    return {.organisation = organisation,
            .project = project,
            .token = token,
            .token_text = std::move(minted.text)};
}

}  // namespace turnix::auth
