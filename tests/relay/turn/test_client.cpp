#include "tests/relay/turn/test_client.hpp"

#include "relay/stun/fingerprint.hpp"
#include "relay/turn/known_credential.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace turnix::turn_test {

using writer = stun::message_writer;

namespace {

constexpr std::array offered{stun::password_algorithm::sha256, stun::password_algorithm::md5};

// For what a test relies on; what it is about, it checks itself.
void expect(bool holds, const char* what) {
    if (!holds) throw std::logic_error{what};
}

std::function<void(writer&)> leading_byte(attribute_type type, std::uint8_t value) {
    return raw(type, {std::array{static_cast<char>(value), '\0', '\0', '\0'}.data(), 4});
}

}  // namespace

std::function<void(writer&)> udp() { return transport(17); }

std::function<void(writer&)> transport(std::uint8_t protocol) {
    return [=](writer& out) {
        stun::add_requested_transport(out, static_cast<stun::transport_protocol>(protocol));
    };
}

std::function<void(writer&)> lifetime(std::chrono::seconds value) {
    return [=](writer& out) { stun::add_lifetime(out, value); };
}

std::function<void(writer&)> family(std::uint8_t value) {
    return leading_byte(attribute_type::requested_address_family, value);
}

std::function<void(writer&)> additional_family(std::uint8_t value) {
    return leading_byte(attribute_type::additional_address_family, value);
}

std::function<void(writer&)> even_port(bool reserve_next) {
    return [=](writer& out) { stun::add_even_port(out, reserve_next); };
}

std::function<void(writer&)> token(std::string_view value) {
    return raw(attribute_type::reservation_token, value);
}

std::function<void(writer&)> peer(const char* endpoint) { return peer(at(endpoint)); }

std::function<void(writer&)> peer(const net::endpoint& endpoint) {
    return [=](writer& out) { stun::add_xor_address(out, attribute_type::xor_peer_address, endpoint); };
}

std::function<void(writer&)> channel(std::uint16_t number) {
    return [=](writer& out) { stun::add_channel_number(out, {number}); };
}

std::function<void(writer&)> data(std::string_view text) { return raw(attribute_type::data, text); }

std::function<void(writer&)> integrity(const bytes& key) {
    return [key](writer& out) { out.add_message_integrity(key); };
}

std::function<void(writer&)> integrity_sha256(const bytes& key) {
    return [key](writer& out) { out.add_message_integrity_sha256(key); };
}

std::function<void(writer&)> raw(attribute_type type, std::string_view value) {
    return [type, text = std::string{value}](writer& out) { out.add(type, text); };
}

bytes bytes_of(std::string_view text) {
    const auto view = std::as_bytes(std::span{text});
    return {view.begin(), view.end()};
}

std::string text_of(std::span<const std::byte> of) { return std::string{stun::decode_text(of)}; }

stun::message_view answered::view() const { return stun::message_view::parse(message_).value(); }

int answered::code() const {
    if (message_.empty()) return silence;
    const auto error = view().find(attribute_type::error_code);
    if (!error) return success;
    return static_cast<int>(stun::decode_error_code(*error).value());
}

bool answered::has(attribute_type type) const { return !message_.empty() && view().has(type); }

std::string answered::text(attribute_type type) const { return text_of(view().find(type).value()); }

net::endpoint answered::address(attribute_type type) const {
    return stun::decode_xor_address(view().find(type).value(), view().header().transaction_id).value();
}

std::vector<net::endpoint> answered::addresses(attribute_type type) const {
    const auto message = view();
    std::vector<net::endpoint> found;
    for (const auto& each : message.attributes()) {
        if (each.type != type) continue;
        found.push_back(stun::decode_xor_address(each.value, message.header().transaction_id).value());
    }
    return found;
}

std::chrono::seconds answered::lifetime() const {
    return stun::decode_lifetime(view().find(attribute_type::lifetime).value()).value();
}

bool answered::is_signed_with(std::span<const std::byte> key) const {
    return !has(attribute_type::message_integrity_sha256) && !message_.empty() &&
           stun::has_valid_message_integrity(view(), key);
}

bool answered::is_sha256_signed_with(std::span<const std::byte> key) const {
    return !has(attribute_type::message_integrity) && !message_.empty() &&
           stun::has_valid_message_integrity_sha256(view(), key);
}

test_client::test_client(world& in, std::string_view client, net::transport over)
    : test_client{in, client, in.claims(), over} {}

test_client::test_client(world& in, std::string_view client, const credential::claims& claims,
                         net::transport over)
    : path{.client = net::endpoint::parse(client).value(), .server = {}, .transport = over, .handle = 7},
      credential{in.issue(claims)},
      world_{in} {
    path.server = at(path.client.address.is_v4() ? "192.0.2.1:3478" : "[2001:db8::1]:3478");
}

answered test_client::ask(method of, const attributes& with, const deviation& but) {
    if (nonce.empty()) learn_nonce();
    return answer_to(build(of, with, but));
}

answered test_client::answer_to(std::span<const std::byte> request) {
    auto at_once = answered::from(send(request));
    if (at_once.code() != silence) return at_once;
    world_.deliver_all();
    return answered{world_.take_carried(path)};
}

std::string test_client::allocate_mobile() {
    const auto answer = ask(method::allocate, {udp(), raw(attribute_type::mobility_ticket, "")});
    expect(answer.code() == success, "the allocation was refused");
    return answer.text(attribute_type::mobility_ticket);
}

void test_client::move_to(std::string_view client, turn::worker_number at) {
    path.client = net::endpoint::parse(client).value();
    ++path.handle;
    worker = at;
    nonce.clear();
}

answered test_client::resume(std::string_view ticket, const attributes& more) {
    attributes with{raw(attribute_type::mobility_ticket, ticket)};
    with.insert(with.end(), more.begin(), more.end());
    return ask(method::refresh, with);
}

answered test_client::ask_unsigned(method of, const attributes& with, bool fingerprint) {
    const deviation bare{.without = {attribute_type::username, attribute_type::realm, attribute_type::nonce,
                                     attribute_type::message_integrity},
                         .fingerprint = fingerprint};
    return answered::from(send(build(of, with, bare)));
}

net::endpoint test_client::allocate(const attributes& more) {
    attributes with{udp()};
    with.insert(with.end(), more.begin(), more.end());
    const auto answer = ask(method::allocate, with);
    expect(answer.code() == success, "the allocation was refused");
    return answer.address(attribute_type::xor_relayed_address);
}

answered test_client::permit(const char* peer_address) {
    return ask(method::create_permission, {peer(peer_address)});
}

answered test_client::bind(std::uint16_t number, const char* peer_address) {
    return ask(method::channel_bind, {channel(number), peer(peer_address)});
}

turn::client_effect test_client::send(std::span<const std::byte> message) const {
    const auto serve = [&] { return world_.worker(worker).on_client(world_.now, path, message); };
    return world_.around ? world_.around(serve) : serve();
}

turn::client_effect test_client::send_channel_data(std::uint16_t number, std::string_view payload) {
    const auto header = stun::channel_data_header({number}, static_cast<std::uint16_t>(payload.size()));
    static thread_local bytes datagram;  // what is handed on points into it
    datagram.assign(header.begin(), header.end());
    const auto body = bytes_of(payload);
    datagram.insert(datagram.end(), body.begin(), body.end());
    return send(datagram);
}

turn::client_effect test_client::send_indication(const attributes& with, method of) {
    static thread_local bytes datagram;  // what is handed on points into it
    std::array<std::byte, 2048> buffer{};
    writer out{buffer, {of, stun::message_class::indication, next_id()}};
    for (const auto& add : with) add(out);
    datagram.assign(out.message().begin(), out.message().end());
    return send(datagram);
}

bytes test_client::build(method of, const attributes& with, const deviation& but) {
    std::array<std::byte, 2048> buffer{};
    writer out{buffer, {of, stun::message_class::request, but.id ? *but.id : next_id()}};
    const auto wanted = [&](attribute_type type) {
        return std::ranges::find(but.without, type) == but.without.end();
    };
    for (const auto& add : with) add(out);
    const auto& username = but.username ? *but.username : credential.username;
    if (wanted(attribute_type::username)) out.add(attribute_type::username, username);
    if (wanted(attribute_type::realm)) out.add(attribute_type::realm, world_.settings.realm);
    if (wanted(attribute_type::nonce)) out.add(attribute_type::nonce, but.nonce ? *but.nonce : nonce);
    if (but.signature) {
        but.signature(out);
    } else if (wanted(attribute_type::message_integrity)) {
        sign(out, key_of({.username = username,
                          .realm = world_.settings.realm,
                          .password = but.password ? *but.password : credential.password}));
    }
    for (const auto& add : but.after_integrity) add(out);
    if (but.fingerprint) out.add_fingerprint();
    const auto message = out.message();
    expect(!message.empty(), "the request does not fit");
    return {message.begin(), message.end()};
}

bytes test_client::key() const {
    return key_of(
        {.username = credential.username, .realm = world_.settings.realm, .password = credential.password});
}

bytes test_client::key_of(const stun::long_term_credential& of) const {
    const turn::long_term_keys keys{of};
    const auto key = keys.of(algorithm.value_or(stun::password_algorithm::md5));
    return {key.begin(), key.end()};
}

void test_client::sign(writer& out, std::span<const std::byte> key) const {
    if (!algorithm) return out.add_message_integrity(key);
    stun::add_password_algorithms(out, offered);
    stun::add_password_algorithm(out, *algorithm);
    out.add_message_integrity_sha256(key);
}

stun::transaction_id test_client::next_id() {
    stun::transaction_id id;
    ++ids_;
    std::ranges::copy(std::as_bytes(std::span{&ids_, 1}), id.bytes.begin());
    return id;
}

void test_client::learn_nonce() {
    const auto challenge = ask_unsigned(method::allocate, {udp()});
    expect(challenge.code() == 401, "no challenge came");
    nonce = challenge.text(attribute_type::nonce);
}

answered answered::from(const turn::client_effect& effect) {
    if (const auto* const spliced = std::get_if<turn::splice>(&effect)) {
        return answered{{spliced->message.begin(), spliced->message.end()}};
    }
    const auto* const sent = std::get_if<turn::reply>(&effect);
    if (sent == nullptr) {
        expect(std::holds_alternative<turn::silence>(effect), "a request was relayed");
        return {};
    }
    const auto view = stun::message_view::parse(sent->message).value();
    expect(stun::check_fingerprint(view) != stun::fingerprint_state::wrong, "the fingerprint is wrong");
    return answered{{sent->message.begin(), sent->message.end()}};
}

}  // namespace turnix::turn_test
