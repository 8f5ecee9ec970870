#include "api/resources/project_settings.hpp"

#include "api/resources/credential_fields.hpp"
#include "api/resources/credential_rules.hpp"
#include "api/resources/json_text.hpp"

#include <array>
#include <limits>

namespace turnix::api {

namespace {

namespace json = boost::json;

/// By the values of credential::peer_scope and credential::on_expiry.
constexpr std::array<std::string_view, 3> peer_scopes{"any", "room", "relays"};
constexpr std::array<std::string_view, 2> on_expiries{"keep", "disconnect"};

constexpr integer_range term_range{.least = 1, .most = project_term_max.count()};
constexpr integer_range days_range{.least = 1, .most = 3'650};
constexpr integer_range bytes_range{.least = 1, .most = std::numeric_limits<std::int64_t>::max()};
constexpr integer_range count_range{.least = 1, .most = 1'000'000};
constexpr integer_range credential_allocations_range{.least = 1,
                                                     .most = std::numeric_limits<std::uint16_t>::max()};

template <class Enum>
void read_choice(field_reader& fields, std::string_view name, std::span<const std::string_view> names,
                 std::optional<Enum>& into) {
    if (!fields.has(name)) return;
    std::optional<std::size_t> chosen;
    fields.choice(name, names, chosen);
    into = chosen ? std::optional{static_cast<Enum>(*chosen)} : std::nullopt;
}

template <class Enum>
json::value choice_or_null(std::span<const std::string_view> names, const std::optional<Enum>& value) {
    return value ? json::value(names[static_cast<std::size_t>(*value)]) : json::value(nullptr);
}

json::value count_or_null(const auto& duration) {
    return duration ? json::value(duration->count()) : json::value(nullptr);
}

}  // namespace

void read_settings(field_reader& fields, model::project_settings& into) {
    const text_rule link{model::is_link_template,
                         "must be an https URL in which braces stand around room, client or session only"};
    fields.number("default_ttl_s", term_range, into.ttl_default);
    fields.number("max_ttl_s", term_range, into.ttl_max);
    fields.number("max_session_s", term_range, into.session_max);
    fields.object("quotas", [&](field_reader& quotas) {
        quotas.number("max_allocations", count_range, into.quotas.allocations);
        quotas.number("max_bitrate_bps", bitrate_range, into.quotas.bitrate_bps);
        quotas.number("max_packets_per_second", packet_rate_range, into.quotas.packets_per_second);
        quotas.number("max_bytes_per_day", bytes_range, into.quotas.bytes_per_day);
        quotas.number("max_sessions_per_second", count_range, into.quotas.sessions_per_second);
    });
    fields.object("limits", [&](field_reader& limits) {
        limits.number("max_allocations", credential_allocations_range, into.limits.allocations);
        limits.number("max_bitrate_bps", bitrate_range, into.limits.bitrate_bps);
        limits.number("max_packets_per_second", packet_rate_range, into.limits.packets_per_second);
        limits.number("max_bytes", bytes_range, into.limits.bytes);
    });
    read_choice(fields, "peer_scope", peer_scopes, into.peer_scope);
    read_choice(fields, "on_expiry", on_expiries, into.on_expiry);
    fields.number("retention_days", days_range, into.retention);
    fields.object("links", [&](field_reader& links) {
        links.optional_text("room", link, into.links.room);
        links.optional_text("client", link, into.links.client);
        links.optional_text("session", link, into.links.session);
    });
    if (into.ttl_default && into.ttl_max && *into.ttl_default > *into.ttl_max) {
        fields.fail("default_ttl_s", "must be at most max_ttl_s");
    }
}

json::object to_json(const model::project_settings& from) {
    return {
        {"default_ttl_s", count_or_null(from.ttl_default)},
        {"max_ttl_s", count_or_null(from.ttl_max)},
        {"max_session_s", count_or_null(from.session_max)},
        {"quotas",
         json::object{{"max_allocations", number_or_null(from.quotas.allocations)},
                      {"max_bitrate_bps", number_or_null(from.quotas.bitrate_bps)},
                      {"max_packets_per_second", number_or_null(from.quotas.packets_per_second)},
                      {"max_bytes_per_day", number_or_null(from.quotas.bytes_per_day)},
                      {"max_sessions_per_second", number_or_null(from.quotas.sessions_per_second)}}},
        {"limits", json::object{{"max_allocations", number_or_null(from.limits.allocations)},
                                {"max_bitrate_bps", number_or_null(from.limits.bitrate_bps)},
                                {"max_packets_per_second", number_or_null(from.limits.packets_per_second)},
                                {"max_bytes", number_or_null(from.limits.bytes)}}},
        {"peer_scope", choice_or_null(peer_scopes, from.peer_scope)},
        {"on_expiry", choice_or_null(on_expiries, from.on_expiry)},
        {"retention_days", count_or_null(from.retention)},
        {"links", json::object{{"room", text_or_null(from.links.room)},
                               {"client", text_or_null(from.links.client)},
                               {"session", text_or_null(from.links.session)}}}};
}

}  // namespace turnix::api
