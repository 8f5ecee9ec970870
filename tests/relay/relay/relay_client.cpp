#include "tests/relay/relay/relay_client.hpp"

#include "relay/stun/address_attribute.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/channel_data.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/first_byte.hpp"
#include "relay/stun/integrity.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace turnix::test {

using stun::attribute_type;

namespace {

/// 200 for success, the error's code, or 0 for no answer.
int code_of(const bytes& answer) {
    if (answer.empty()) return 0;
    const auto error = stun::message_view::parse(answer).value().find(attribute_type::error_code);
    return error ? static_cast<int>(stun::decode_error_code(*error).value()) : 200;
}

}  // namespace

relay_client::relay_client(net::transport transport, const net::endpoint& server,
                           credential::issued_credential credential, std::string realm)
    : link_{connect(transport, server)}, credential_{std::move(credential)}, realm_{std::move(realm)} {}

int relay_client::allocate(stun::transport_protocol protocol) {
    return ask(stun::method::allocate,
               [=](stun::message_writer& out) { stun::add_requested_transport(out, protocol); });
}

int relay_client::allocate_mobile() {
    return ask(stun::method::allocate, [](stun::message_writer& out) {
        stun::add_requested_transport(out, stun::transport_protocol::udp);
        out.add(attribute_type::mobility_ticket, std::string_view{});
    });
}

std::unique_ptr<message_link> relay_client::move_to(net::transport transport, const net::endpoint& server) {
    nonce_.clear();
    return std::exchange(link_, connect(transport, server));
}

int relay_client::resume() {
    return ask(stun::method::refresh,
               [this](stun::message_writer& out) { out.add(attribute_type::mobility_ticket, ticket_); });
}

int relay_client::create_permission(const net::endpoint& peer) {
    return ask(stun::method::create_permission, [&](stun::message_writer& out) {
        stun::add_xor_address(out, attribute_type::xor_peer_address, peer);
    });
}

int relay_client::bind_channel(std::uint16_t channel, const net::endpoint& peer) {
    return ask(stun::method::channel_bind, [&](stun::message_writer& out) {
        stun::add_channel_number(out, {channel});
        stun::add_xor_address(out, attribute_type::xor_peer_address, peer);
    });
}

int relay_client::refresh(std::chrono::seconds lifetime) {
    return ask(stun::method::refresh, [&](stun::message_writer& out) { stun::add_lifetime(out, lifetime); });
}

int relay_client::connect_to(const net::endpoint& peer) {
    return ask(stun::method::connect, [&](stun::message_writer& out) {
        stun::add_xor_address(out, attribute_type::xor_peer_address, peer);
    });
}

int relay_client::connection_bind(stun::connection_id id) {
    return ask(stun::method::connection_bind,
               [=](stun::message_writer& out) { stun::add_connection_id(out, id); });
}

std::optional<stun::connection_id> relay_client::receive_attempt(int timeout_ms) {
    const auto message = link_->receive(timeout_ms);
    if (message.empty()) return std::nullopt;
    const auto id = stun::message_view::parse(message).value().find(attribute_type::connection_id);
    return id ? stun::decode_connection_id(*id) : std::nullopt;
}

int relay_client::ask(stun::method method, const writing& attributes) {
    const bool is_stranger = nonce_.empty();
    const auto answer = exchange(method, attributes);
    const int code = code_of(answer);
    if (code == 0) return code;
    const auto view = stun::message_view::parse(answer).value();
    if (const auto nonce = view.find(attribute_type::nonce)) nonce_ = stun::decode_text(*nonce);
    if (const auto relayed = view.find(attribute_type::xor_relayed_address)) {
        relayed_ = stun::decode_xor_address(*relayed, view.header().transaction_id).value();
    }
    if (const auto ticket = view.find(attribute_type::mobility_ticket)) ticket_ = stun::decode_text(*ticket);
    if (const auto id = view.find(attribute_type::connection_id)) {
        connection_ = stun::decode_connection_id(*id).value();
    }
    return code == 401 && is_stranger ? ask(method, attributes) : code;
}

bytes relay_client::exchange(stun::method method, const writing& attributes) {
    std::array<std::byte, 2048> buffer{};
    stun::transaction_id id;
    ++transactions_;
    std::ranges::copy(std::as_bytes(std::span{&transactions_, 1}), id.bytes.begin());
    stun::message_writer out{buffer, {method, stun::message_class::request, id}};
    attributes(out);
    if (!nonce_.empty()) {
        out.add(attribute_type::username, credential_.username);
        out.add(attribute_type::realm, realm_);
        out.add(attribute_type::nonce, nonce_);
        out.add_message_integrity(stun::long_term_key_md5(
            {.username = credential_.username, .realm = realm_, .password = credential_.password}));
    }
    link_->send(out.message());
    return receive_answer();
}

bytes relay_client::receive_answer() {
    while (true) {
        auto message = link_->receive(2'000);
        if (message.empty() || stun::protocol_of(message.front()) == stun::protocol::stun) return message;
        data_.push_back(std::move(message));
    }
}

void relay_client::send_channel_data(std::uint16_t channel, std::span<const std::byte> payload) {
    const auto header = stun::channel_data_header({channel}, static_cast<std::uint16_t>(payload.size()));
    bytes message{header.begin(), header.end()};
    message.insert(message.end(), payload.begin(), payload.end());
    link_->send(message);
}

std::optional<bytes> relay_client::receive_channel_data(std::uint16_t channel, int timeout_ms) {
    bytes message;
    if (data_.empty()) {
        message = link_->receive(timeout_ms);
    } else {
        message = std::exchange(data_.front(), {});
        data_.pop_front();
    }
    const auto data = stun::channel_data::parse(message);
    if (!data || data->channel.value != channel) return std::nullopt;
    return bytes{data->payload.begin(), data->payload.end()};
}

}  // namespace turnix::test
