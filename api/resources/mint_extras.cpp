#include "api/resources/mint_extras.hpp"

#include "api/resources/credential_fields.hpp"
#include "api/resources/fields.hpp"
#include "common/net/endpoint.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace turnix::api {

namespace {

using http::error;

constexpr std::array transports{net::transport::udp, net::transport::tcp, net::transport::tls,
                                net::transport::dtls};

/// As the compatibility tier has it.
bool is_absent(const http::body_value& value) {
    const auto* const text = std::get_if<std::string>(&value.value);
    return std::holds_alternative<std::nullptr_t>(value.value) || (text != nullptr && text->empty());
}

/// The members that are about the extras: the others are the compatibility tier's, and of no concern here.
http::body_fields extras_in(const http::body_fields& all) {
    constexpr std::array<std::string_view, 6> names{"limits",    "allowed_client_ip", "peer_scope",
                                                    "on_expiry", "transports",        "parties"};
    http::body_fields found;
    for (const auto name : names) {
        const auto* const value = http::find_last(all, name);
        if (value != nullptr && !is_absent(*value)) found.push_back({std::string{name}, *value});
    }
    return found;
}

template <class Enum>
void read_choice(field_reader& fields, std::string_view name, std::span<const std::string_view> names,
                 Enum& into) {
    if (!fields.has(name)) return;
    std::optional<std::size_t> chosen;
    fields.choice(name, names, chosen);
    if (chosen) into = static_cast<Enum>(*chosen);
}

void read_transports(field_reader& fields, credential::transport_set& into) {
    if (!fields.has("transports")) return;
    std::vector<std::string> names;
    fields.texts("transports", names);
    into.bits = 0;
    for (const auto& name : names) {
        const auto* const named =
            std::ranges::find(transports, name, [](auto each) { return net::to_string(each); });
        if (named == transports.end()) return fields.fail("transports", "has udp, tcp, tls and dtls only");
        into.bits |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(*named));
    }
}

}  // namespace

result<mint_extras, error> read_mint_extras(const http::body_fields& from,
                                            const model::project_settings& settings) {
    mint_extras asked{.limits = {.bitrate_bps_max = settings.limits.bitrate_bps.value_or(0),
                                 .packets_per_second_max = settings.limits.packets_per_second.value_or(0),
                                 .bytes_max = settings.limits.bytes.value_or(0),
                                 .allocations_max = settings.limits.allocations.value_or(0)},
                      .scope = settings.peer_scope.value_or(credential::peer_scope::any),
                      .expiry = settings.on_expiry.value_or(credential::on_expiry::keep)};
    const auto extras = extras_in(from);
    field_reader fields{extras};
    contract::limits_change limits;
    fields.object("limits", [&](field_reader& inner) { read_limits(inner, limits); });
    asked.limits = limits.applied_to(asked.limits);
    std::string client;
    const auto is_address = [](std::string_view text) { return net::address::parse(text).has_value(); };
    fields.text("allowed_client_ip", {is_address, "must be an IPv4 or IPv6 address"}, client);
    if (const auto address = net::address::parse(client)) asked.allowed_client = *address;
    read_choice(fields, "peer_scope", peer_scope_names, asked.scope);
    read_choice(fields, "on_expiry", on_expiry_names, asked.expiry);
    read_transports(fields, asked.transports);
    std::string parties;
    fields.text("parties", {[](std::string_view text) { return text == "both"; }, "can only be both"},
                parties);
    asked.for_both_parties = !parties.empty();
    if (auto fault = fields.finish()) return std::move(*fault);
    return asked;
}

}  // namespace turnix::api
