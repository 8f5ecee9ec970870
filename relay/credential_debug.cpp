#include "relay/credential_debug.hpp"

#include "common/telemetry/unfiltered_log.hpp"
#include "relay/stun/address_attribute.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/first_byte.hpp"
#include "relay/stun/method_name.hpp"
#include "relay/turn/credential_overrides.hpp"
#include "relay/turn/credential_time.hpp"

#include <fmt/format.h>

#include <new>
#include <string_view>
#include <utility>
#include <variant>

namespace turnix::relay {

namespace {

/// More peers than these are left out of a record.
constexpr int peers_max = 4;

std::string peers_of(const stun::message_view& request) {
    std::string named;
    int peers = 0;
    for (const auto& attribute : request.attributes()) {
        if (attribute.type != stun::attribute_type::xor_peer_address) continue;
        const auto peer = stun::decode_xor_address(attribute.value, request.header().transaction_id);
        if (!peer) continue;
        named += fmt::format("{}{}", peers == 0 ? " for " : ", ", peer->to_string());
        if (++peers == peers_max) break;
    }
    return named;
}

/// A request that says whose it is.
struct named_request {
    stun::message_view message;
    std::string_view username;
};

/// Nothing unless it is one.
std::optional<named_request> named_request_in(std::span<const std::byte> message) {
    if (message.empty() || stun::protocol_of(message.front()) != stun::protocol::stun) return std::nullopt;
    const auto parsed = stun::message_view::parse(message);
    if (!parsed || parsed->header().message_class != stun::message_class::request) return std::nullopt;
    const auto username = parsed->find(stun::attribute_type::username);
    if (!username) return std::nullopt;
    return named_request{.message = *parsed, .username = stun::decode_text(*username)};
}

/// Empty when there was none.
std::span<const std::byte> answer_in(const turn::client_effect& effect) noexcept {
    if (const auto* const answer = std::get_if<turn::reply>(&effect)) return answer->message;
    if (const auto* const bound = std::get_if<turn::splice>(&effect)) return bound->message;
    return {};
}

std::optional<stun::error_code> error_in(std::span<const std::byte> answer) {
    const auto message = stun::message_view::parse(answer);
    const auto code = message ? message->find(stun::attribute_type::error_code) : std::nullopt;
    return code ? stun::decode_error_code(*code) : std::nullopt;
}

/// Why a request that names the credential is not taken for its holder's.
std::string_view reason_for_401(stun::method method, turn::shared_credential named, const instant& now,
                                std::shared_ptr<const contract::override_set> overrides) {
    constexpr std::string_view wrong = ": it is signed with another password or realm";
    if (method != stun::method::allocate) return wrong;
    turn::credential_overrides in_force;
    in_force.use(std::move(overrides));
    const auto judged = in_force.judge(std::move(named));
    if (!judged) return ": the credential is revoked";
    return turn::may_begin(judged->claims, now.wall) ? wrong : ": the credential has expired";
}

std::string text_of(const contract::traffic_counters& traffic) {
    return fmt::format("up {} datagrams, {} bytes; down {}, {}", traffic.uplink_packets, traffic.uplink_bytes,
                       traffic.downlink_packets, traffic.downlink_bytes);
}

/// For a session as it began, moved or is.
template <class Session>
std::string places_of(const Session& session) {
    return fmt::format("{} client {} at {}, relayed at {}", net::to_string(session.transport),
                       session.client.to_string(), session.server.to_string(), session.relayed.to_string());
}

}  // namespace

credential_debug::credential_debug(contract::session_observer& onward,
                                   std::shared_ptr<const credential::key_ring> keys, std::string realm)
    : onward_{onward}, keys_{std::move(keys)}, realm_{std::move(realm)} {}

void credential_debug::use(std::shared_ptr<const credential::key_ring> keys) {
    keys_ = std::move(keys);
    if (credentials_) credentials_->use(keys_);
}

void credential_debug::look_for(std::optional<debug_wish> wish, std::span<const contract::live_session> live,
                                monotonic_time now) {
    wish_ = std::move(wish);
    credentials_.reset();
    sessions_.clear();
    left_out_ = 0;
    now_ = now;
    if (!wish_) return;
    credentials_.emplace(keys_, realm_);
    for (const auto& each : live) {
        if (!is_meant(each.claims->id)) continue;
        sessions_.insert(each.id);
        write(fmt::format("session {} lives: {}; {}", each.id.to_string(), places_of(each),
                          text_of(each.traffic)));
    }
}

void credential_debug::on_tick(monotonic_time now) {
    now_ = now;
    if (wish_ && now >= wish_->until) look_for(std::nullopt, {}, now);
}

void credential_debug::on_session_event(contract::session_event event) noexcept {
    if (is_awake()) overhear(event);
    onward_.on_session_event(std::move(event));
}

void credential_debug::overhear(const contract::session_event& event) noexcept try {
    std::visit([this](const auto& each) { tell(each); }, event);
} catch (const std::bad_alloc&) {
    ++left_out_;
}

void credential_debug::on_exchange(const exchange& what,
                                   std::shared_ptr<const contract::override_set> overrides) noexcept try {
    const auto asked = named_request_in(what.message);
    if (!asked || !credentials_) return;
    auto named = credentials_->open(asked->username, what.now);
    if (!named || !is_meant(named->claims.id)) return;

    now_ = what.now.monotonic;
    const auto method = asked->message.header().method;
    const auto answer = answer_in(what.effect);
    const auto error = error_in(answer);
    // A Connect waits for its peer, and what another worker answers for its session.
    std::string outcome = answer.empty() ? "no answer yet" : "success";
    if (error) outcome = fmt::format("{} {}", static_cast<unsigned>(*error), to_string(*error));
    if (error == stun::error_code::unauthenticated)
        outcome += reason_for_401(method, std::move(named), what.now, std::move(overrides));
    write(fmt::format("{} {} {}{}: {}", net::to_string(what.path.transport), what.path.client.to_string(),
                      to_string(method), peers_of(asked->message), outcome));
} catch (const std::bad_alloc&) {
    ++left_out_;
}

void credential_debug::tell(const contract::session_started& begun) {
    if (!is_meant(begun.claims->id)) return;
    sessions_.insert(begun.id);
    write(fmt::format("session {} begins: {}", begun.id.to_string(), places_of(begun)));
}

void credential_debug::tell(const contract::session_moved& moved) {
    const auto& session = moved.session;
    if (!is_meant(session.claims->id)) return;
    sessions_.insert(session.id);
    write(fmt::format("session {} has moved: {}", session.id.to_string(), places_of(session)));
}

void credential_debug::tell(const contract::session_progress& progress) {
    if (!sessions_.contains(progress.id)) return;
    write(fmt::format("session {}: {}", progress.id.to_string(), text_of(progress.traffic)));
}

void credential_debug::tell(const contract::session_ended& ended) {
    if (sessions_.erase(ended.id) == 0) return;
    write(fmt::format("session {} ends, {}: {}", ended.id.to_string(), to_string(ended.reason),
                      text_of(ended.traffic)));
}

void credential_debug::tell(const contract::quota_exceeded& reached) {
    if (!is_meant(reached.credential)) return;
    write(fmt::format("{} is reached", to_string(reached.which)));
}

void credential_debug::write(const std::string& text) {
    if (!wish_) return;
    if (!bucket_.take(records, now_)) {
        ++left_out_;
        return;
    }
    static auto& log = telemetry::unfiltered_logger("relay.debug");
    const auto left_out = std::exchange(left_out_, 0);
    if (left_out == 0) {
        log.debug("credential {}: {}", wish_->name, text);
    } else {
        log.debug("credential {}: {} ({} records before it were left out)", wish_->name, text, left_out);
    }
}

}  // namespace turnix::relay
