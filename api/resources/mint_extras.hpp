// What POST /api/v1/credentials/ice may be asked for beyond the compatibility tier: limits,
// allowed_client_ip, peer_scope, on_expiry, transports, parties. What is absent follows the project's
// settings.
#pragma once

#include "api/http/body.hpp"
#include "api/http/error.hpp"
#include "api/model/tenants.hpp"
#include "common/credential/claims.hpp"
#include "common/net/result.hpp"

#include <optional>

namespace turnix::api {

struct mint_extras {
    credential::limits limits;
    std::optional<net::address> allowed_client{};
    credential::peer_scope scope{credential::peer_scope::any};
    credential::on_expiry expiry{credential::on_expiry::keep};
    credential::transport_set transports{};
    bool for_both_parties{false};  ///< a credential for each end of the call
};

/// Errors: field_invalid with the field's name.
[[nodiscard]] result<mint_extras, http::error> read_mint_extras(const http::body_fields& from,
                                                                const model::project_settings& settings);

}  // namespace turnix::api
