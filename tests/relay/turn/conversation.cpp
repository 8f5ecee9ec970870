#include "tests/relay/turn/conversation.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace turnix::turn_test {

namespace {

void promise(bool kept, const char* what) {
    if (!kept) throw broken_promise{what};
}

constexpr std::size_t answer_bytes_max = 140;

constexpr std::array public_peers{"9.9.9.9:7", "9.9.9.9:8", "9.9.9.8:7", "[2a00::1]:7"};
constexpr std::array denied_peers{"10.0.0.1:7", "127.0.0.1:7", "[::1]:7", "192.0.2.1:3478",
                                  "203.0.113.10:3478"};

// What is answered before a request is authenticated.
constexpr std::array answers_to_strangers{400, 401, 438};

constexpr std::array methods{
    method::allocate,        method::refresh,      method::create_permission, method::create_permission,
    method::channel_bind,    method::channel_bind, method::connect,           method::connect,
    method::connection_bind, method::binding};

method method_of(std::span<const std::byte> message) {
    return stun::message_view::parse(message).value().header().method;
}

bool is_request(std::span<const std::byte> message) {
    const auto view = stun::message_view::parse(message);
    return view && view->header().message_class == stun::message_class::request;
}

}  // namespace

conversation::conversation(world& in, chooser choose)
    : world_{in},
      choose_{std::move(choose)},
      binder_{.client = test_client{in, "198.51.100.9:40001", net::transport::tls}, .path = 3} {
    participants_.push_back({.client = test_client{in, "198.51.100.7:40000"}, .path = 0});
    participants_.push_back({.client = test_client{in, "198.51.100.7:40000"}, .path = 0});
    participants_.push_back({.client = test_client{in, "198.51.100.8:40000"}, .path = 1});
    participants_.push_back(
        {.client = test_client{in, "[2001:db8:7::7]:40000", net::transport::tcp}, .path = 2});
    participants_.push_back(
        {.client = test_client{in, "198.51.100.9:40000", net::transport::tls}, .path = 3});
    binder_.client.credential = participants_.back().client.credential;
    const auto give_nonce = [&](test_client& client) {
        const auto nonce = in.admission.nonces().issue(client.path.client, in.now.monotonic);
        client.nonce = {nonce.data(), nonce.size()};
    };
    for (auto& each : participants_) give_nonce(each.client);
    give_nonce(binder_.client);
    if (one_in(2)) speaks_most_ = static_cast<std::uint32_t>(participants_.size()) - 1;
}

void conversation::step() {
    // One of them speaks most, or they would hardly get far.
    const auto speaker = one_in(2) ? speaks_most_ : choose_(static_cast<std::uint32_t>(participants_.size()));
    auto& by = participants_[speaker];
    switch (choose_(16)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
            request(by);
            break;
        case 5:
            indicate(by);
            break;
        case 6:
        case 7:
            say_on_channel(by);
            break;
        case 8:
            hear_from_peer();
            break;
        case 9:
            say_noise(by);
            break;
        case 10:
            world_.jump(std::chrono::seconds{choose_(one_in(4) ? 256 : 8)});
            break;
        case 11:
            connect_from_peer();
            break;
        case 12:
            finish_connect();
            break;
        case 13:
            bind_connection();
            break;
        case 14:
            use_connection();
            break;
        default:
            lose(by);
    }
    check_balance();
}

void conversation::end() {
    world_.server.end_all(world_.now, contract::end_reason::shutdown);
    promise(world_.server.allocations() == 0, "end_all left a session");
    check_balance();
    for (const auto& each : bound_) promise(each.meter->has_ended(), "end_all left a connection");
    bound_.clear();
    world_.server.on_tick(world_.now);
    promise(world_.connections.size() == 0 && open_streams_ == 0, "a connection waits for nobody");
    world_.observer.events.clear();
    world_.ports.connects.clear();
}

void conversation::request(participant& by) {
    const bool begins = !world_.server.has_allocation(by.client.path) && !one_in(4);
    const auto of = begins ? method::allocate : methods[choose_(methods.size())];
    deviation but{.id = one_in(4) ? by.last_id : by.client.next_id(), .fingerprint = one_in(4)};
    by.last_id = *but.id;
    if (one_in(16)) but.password = "guessed";
    if (one_in(16)) but.without = {attribute_type::message_integrity};
    if (one_in(16)) but.after_integrity = {lifetime(0s), peer("9.9.9.8:7")};
    auto message = by.client.build(of, chosen_attributes(by, of), but);
    // What follows the integrity is not covered by it.
    const bool altered = but.after_integrity.empty() && !but.fingerprint && one_in(8);
    if (altered) {
        auto& victim = message[choose_(static_cast<std::uint32_t>(message.size()))];
        victim ^= static_cast<std::byte>(1 + choose_(255));
    }

    const auto begun = world_.ports.connects.size();
    const auto answer = say(by, message);
    if (world_.ports.connects.size() > begun) check_reachable(world_.ports.connects.back().second);
    if (answer.code() == 401 || answer.code() == 438) by.client.nonce = answer.text(attribute_type::nonce);
    if (answer.code() != success || method_of(message) == method::binding) return;  // altered into one, maybe
    promise(!altered && !but.password, "a forged request succeeded");
    promise(answer.is_signed_with(by.client.key()), "a success is not signed");
    if (answer.has(attribute_type::xor_relayed_address)) {
        by.relayed = answer.address(attribute_type::xor_relayed_address);
    }
    if (method_of(message) == method::connection_bind) {
        promise(by.client.path.transport != net::transport::udp, "a connection was bound to datagrams");
    }
    if (answer.has(attribute_type::reservation_token)) {
        reserved_ = answer.text(attribute_type::reservation_token);
    }
    note_permissions(by, message);
}

void conversation::indicate(participant& by) {
    attributes with{peer(chosen_peer()), data("payload")};
    if (one_in(8)) with.pop_back();
    const auto effect = by.client.send_indication(with);
    promise(!std::holds_alternative<turn::reply>(effect), "an indication was answered");
    if (const auto* const sent = std::get_if<turn::to_peer>(&effect)) check_sent(by, *sent);
}

void conversation::say_on_channel(participant& by) {
    const auto number = static_cast<std::uint16_t>(0x4000 + choose_(2));
    const auto effect = by.client.send_channel_data(number, "payload");
    promise(!std::holds_alternative<turn::reply>(effect), "channel data was answered");
    if (const auto* const sent = std::get_if<turn::to_peer>(&effect)) check_sent(by, *sent);
}

void conversation::hear_from_peer() {
    const turn::relay_handle heard_at{choose_(2)};
    const auto named = chosen_peer();
    const auto from = world_.own_ports.local_of(named).value_or(named);
    const auto payload = bytes_of("payload");
    const auto out = world_.server.on_peer(world_.now, heard_at, from, payload);
    if (!out) return;
    promise(world_.server.has_allocation(out->path), "data went to a client without allocation");
    promise(out->header_bytes + payload.size() + out->padding <= 48 + payload.size() + 3,
            "too long a header");
}

void conversation::say_noise(participant& by) {
    bytes noise(choose_(64));
    for (auto& byte : noise) byte = static_cast<std::byte>(choose_(256));
    if (noise.size() >= stun::header_bytes && one_in(2)) {
        const auto header = by.client.build(method::binding, {}, {});
        std::copy_n(header.begin(), stun::header_bytes, noise.begin());
        noise[0] = static_cast<std::byte>(choose_(4));
        noise[3] = static_cast<std::byte>(noise.size() - stun::header_bytes);
    }
    static_cast<void>(say(by, noise));
}

void conversation::lose(const participant& by) {
    if (one_in(8)) world_.server.on_client_closed(world_.now, by.client.path);
}

attributes conversation::chosen_attributes(const participant& by, method of) {
    attributes with;
    const bool for_tcp = net::is_stream(by.client.path.transport) != one_in(8);
    if (of == method::allocate && !one_in(8)) with.push_back(for_tcp ? transport(6) : udp());
    if (of == method::allocate && one_in(4)) with.push_back(even_port(one_in(2)));
    if (of == method::allocate && one_in(4)) with.push_back(token(reserved_));
    if (of == method::allocate && one_in(4)) with.push_back(additional_family(one_in(8) ? 1 : 2));
    if (one_in(4)) with.push_back(family(static_cast<std::uint8_t>(choose_(4))));
    if (one_in(3)) with.push_back(lifetime(std::chrono::seconds{choose_(3) * 900}));
    if (of == method::channel_bind) with.push_back(channel(static_cast<std::uint16_t>(0x4000 + choose_(2))));
    if (of == method::channel_bind || of == method::create_permission || of == method::connect) {
        with.push_back(peer(chosen_peer()));
    }
    if (of == method::connection_bind) with.push_back(raw(attribute_type::connection_id, connection_));
    if (of == method::create_permission && one_in(2)) with.push_back(peer(chosen_peer()));
    if (one_in(16)) with.push_back(raw(static_cast<attribute_type>(0x7abc), "1234"));
    return with;
}

net::endpoint conversation::chosen_peer() {
    switch (choose_(4)) {
        case 0:
            return participants_[choose_(static_cast<std::uint32_t>(participants_.size()))].relayed;
        case 1:
            return at(denied_peers[choose_(denied_peers.size())]);
        default:
            return at(public_peers[choose_(public_peers.size())]);
    }
}

answered conversation::say(const participant& by, std::span<const std::byte> message) {
    const auto effect = by.client.send(message);
    if (const auto* const sent = std::get_if<turn::to_peer>(&effect)) {
        check_sent(by, *sent);
        return {};
    }
    if (const auto* const spliced = std::get_if<turn::splice>(&effect)) {
        bound_.push_back(std::move(*spliced->with));
    }
    const auto answer = answered::from(effect);
    promise(answer.code() == silence || is_request(message), "a non-request was answered");
    promise(answer.message().size() <= answer_bytes_max, "an answer is too long");
    const bool is_signed = answer.code() == silence || answer.has(attribute_type::message_integrity) ||
                           answer.has(attribute_type::message_integrity_sha256);
    const bool is_for_strangers =
        std::ranges::find(answers_to_strangers, answer.code()) != answers_to_strangers.end();
    promise(is_signed || is_for_strangers || method_of(message) == method::binding,
            "an answer after authentication is not signed");
    return answer;
}

void conversation::check_sent(const participant& by, const turn::to_peer& sent) const {
    check_reachable(sent.peer);
    const auto known_as = world_.own_ports.advertised_of(sent.peer).value_or(sent.peer);
    const auto& permitted = permitted_[by.path];
    const auto when = permitted.find(known_as.address);
    promise(when != permitted.end() && world_.now.monotonic < when->second + 300s,
            "something was sent without a permission");
}

void conversation::check_reachable(const net::endpoint& peer) const {
    const auto& own = world_.own_ports;
    const bool is_client = own.is_own(peer.address) && own.advertised_of(peer);
    const bool is_public =
        std::ranges::any_of(public_peers, [&](const char* each) { return at(each) == peer; });
    promise(is_client || is_public, "a denied peer was reached");
}

void conversation::connect_from_peer() {
    const auto named = chosen_peer();
    const auto from = world_.own_ports.local_of(named).value_or(named);
    check_told(world_.server.on_peer_accepted(world_.now, {choose_(4)}, from,
                                              std::make_unique<fake_stream>(open_streams_)));
}

void conversation::finish_connect() {
    auto& begun = world_.ports.connects;
    if (begun.empty()) return;
    const auto [from, peer] = begun.front();
    begun.erase(begun.begin());
    auto stream = one_in(4) ? nullptr : std::make_unique<fake_stream>(open_streams_);
    check_told(world_.server.on_peer_connected(world_.now, from, peer, std::move(stream)));
}

void conversation::bind_connection() {
    const attributes with{raw(attribute_type::connection_id, connection_)};
    static_cast<void>(say(binder_, binder_.client.build(method::connection_bind, with)));
}

void conversation::use_connection() {
    if (bound_.empty()) return;
    const auto& used = bound_[choose_(static_cast<std::uint32_t>(bound_.size()))];
    promise(used.meter->count_uplink(1 + choose_(8)) != used.meter->has_ended(),
            "bytes went on after an end");
    if (one_in(3)) used.meter->end();
}

void conversation::check_told(const std::optional<turn::notice>& told) {
    if (!told) return;
    promise(world_.server.has_allocation(told->path), "a client without allocation was told of a connection");
    const answered message{{told->message.begin(), told->message.end()}};
    promise(message.message().size() <= answer_bytes_max, "an answer is too long");
    if (!message.has(attribute_type::connection_id)) return;
    connection_ = message.text(attribute_type::connection_id);
    if (!message.has(attribute_type::xor_peer_address)) return;
    const auto peer = message.address(attribute_type::xor_peer_address).address;
    const auto by = std::ranges::find_if(
        participants_, [&](const participant& each) { return each.client.path == told->path; });
    const auto when = permitted_[by->path].find(peer);
    promise(when != permitted_[by->path].end() && world_.now.monotonic < when->second + 300s,
            "a peer without permission was let in");
}

void conversation::check_balance() {
    const auto live = world_.server.allocations();
    const auto reserved = world_.reservations.size();
    const auto ports = world_.ports.open_ports();
    promise(live <= ports && ports <= 2 * live, "ports and allocations differ");
    promise(world_.ports.reserved_ports() == reserved, "reserved ports and reservations differ");
    promise(world_.admission.sessions() == live + reserved, "admission and allocations differ");
    const auto started = world_.observer.all<contract::session_started>().size();
    const auto ended = world_.observer.all<contract::session_ended>().size();
    promise(started - ended == live, "session events and allocations differ");
    for (const auto& each : participants_) {
        if (!world_.server.has_allocation(each.client.path)) permitted_[each.path].clear();
    }
}

void conversation::note_permissions(const participant& by, std::span<const std::byte> request) {
    const auto view = stun::message_view::parse(request).value();
    const auto of = view.header().method;
    if (of != method::create_permission && of != method::channel_bind) return;
    for (const auto& each : view.attributes()) {
        if (each.type != attribute_type::xor_peer_address) continue;
        const auto peer = stun::decode_xor_address(each.value, view.header().transaction_id).value();
        permitted_[by.path][peer.address] = world_.now.monotonic;
    }
}

}  // namespace turnix::turn_test
