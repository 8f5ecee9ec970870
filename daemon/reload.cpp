#include "daemon/reload.hpp"

#include "common/config/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace turnix::daemon {
namespace {

namespace json = boost::json;

json::array to_array(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());  // with braces it would be a list of two
}

/// A listener speaks TLS from its start or not at all.
bool turns_tls_on_or_off(std::string_view key, const std::string& before, const std::string& after) {
    const bool is_tls = key.starts_with("relay.tls.") || key.starts_with("api.tls.");
    return is_tls && (before == "null") != (after == "null");
}

/// Does a reload put the one value in place of the other?
bool is_reloaded(const config::schema_key& key, const std::string& before, const std::string& after) {
    return key.change == config::takes_effect::at_reload && !turns_tls_on_or_off(key.path, before, after);
}

}  // namespace

std::string reload_report::to_json() const {
    return json::serialize(json::object{{"applied", to_array(applied)},
                                        {"needs_restart", to_array(needs_restart)},
                                        {"faults", to_array(faults)}});
}

reload_report reload_report::parse(const std::string& text) {
    const auto document = json::parse(text);
    const auto list = [&document](const char* member) {
        return json::value_to<std::vector<std::string>>(document.at(member));
    };
    return {.applied = list("applied"), .needs_restart = list("needs_restart"), .faults = list("faults")};
}

std::vector<std::string> reload_report::lines() const {
    if (!faults.empty()) return faults;
    std::vector<std::string> said;
    if (!applied.empty()) said.push_back(fmt::format("in force now: {}", fmt::join(applied, ", ")));
    if (!needs_restart.empty())
        said.push_back(fmt::format("at a restart: {}", fmt::join(needs_restart, ", ")));
    if (said.empty()) said.emplace_back("nothing has changed");
    return said;
}

reload_report compare(const config::settings& in_force, const config::settings& next) {
    reload_report report;
    for (const auto& key : config::schema()) {
        const auto before = key.show(in_force);
        const auto after = key.show(next);
        if (before == after) continue;
        (is_reloaded(key, before, after) ? report.applied : report.needs_restart).emplace_back(key.path);
    }
    return report;
}

void take_reloaded(config::settings& into, const config::settings& from) {
    for (const auto& key : config::schema()) {
        const auto after = key.show(from);
        if (!is_reloaded(key, key.show(into), after)) continue;
        const auto value = config::parse_document(after, "reload");
        if (value) key.store(*value, into);
    }
}

}  // namespace turnix::daemon
