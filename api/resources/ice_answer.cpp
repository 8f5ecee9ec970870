#include "api/resources/ice_answer.hpp"

#include "api/fleet/ice_urls.hpp"
#include "api/resources/credential_fields.hpp"
#include "api/resources/iso_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace turnix::api {

namespace {

std::string array_text(const std::vector<std::string>& urls) {
    return boost::json::serialize(boost::json::array(urls.begin(), urls.end()));
}

}  // namespace

std::string servers_text(const fleet::node_entry& node) {
    const auto urls = fleet::ice_urls_of(node);
    std::string text;
    if (!urls.stun.empty()) text += fmt::format(R"({{"urls":{}}},)", array_text(urls.stun));
    return text + fmt::format(R"({{"urls":{},)", array_text(urls.turn));
}

void ice_answer::add(credential::party role, const credential::issued_credential& made) {
    const auto members =
        fmt::format(R"("iceServers":[{}"username":"{}","credential":"{}"}}],"credential_id":"{}")", servers_,
                    made.username, made.password, made.public_id);
    if (first_.empty()) first_ = members;
    if (role == credential::party::any) return;
    fmt::format_to(std::back_inserter(parties_), R"({}"{}":{{{}}})", parties_.empty() ? "" : ",",
                   party_names.at(static_cast<std::size_t>(role)), members);
}

std::string ice_answer::finish(const terms& of) const {
    auto text = fmt::format(R"({{{},"expiresAt":"{}","ttl":{},"region":"{}")", first_,
                            to_iso_time(of.expires_at), of.ttl.count(), of.region);
    if (!parties_.empty()) text += fmt::format(R"(,"parties":{{{}}})", parties_);
    if (of.relays_only) text += R"(,"iceTransportPolicy":"relay")";
    if (of.stale) text += R"(,"stale":true)";
    return text + '}';
}

}  // namespace turnix::api
