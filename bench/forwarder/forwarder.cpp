#include "bench/forwarder/forwarder.hpp"

#include "relay/io/shared_sockets.hpp"
#include "relay/io/socket.hpp"
#include "relay/io/udp_packet.hpp"
#include "relay/stun/address_attribute.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/channel_data.hpp"

#include <array>
#include <chrono>

#include <arpa/inet.h>
#include <poll.h>

namespace turnix::bench {

using stun::attribute_type;

namespace {

/// What turnix-bench binds; the forwarder asks no further.
constexpr stun::channel_number channel{0x4000};

}  // namespace

forwarder::forwarder(const net::address& at, std::uint16_t first_port)
    : at_{at},
      next_port_{first_port},
      listener_{io::open_udp_listener({at, 0}, io::port_sharing::exclusive).value()},
      steered_{io::open_steered_socket(net::family::ipv4)},
      raw_{io::open_raw_sender(at)},
      steering_{std::span{&at, 1}, 1} {
    steering_.receive_on(steered_, 0, net::family::ipv4);
}

net::endpoint forwarder::listening_at() const { return io::bound_endpoint(listener_); }

void forwarder::serve() {
    std::array sources{pollfd{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                       pollfd{.fd = steered_.get(), .events = POLLIN, .revents = 0}};
    while (true) {
        ::poll(sources.data(), sources.size(), -1);
        if (sources[0].revents != 0) relay_from_clients();
        if (sources[1].revents != 0) relay_from_peers();
    }
}

void forwarder::relay_from_clients() {
    const std::size_t count = run_.receive(listener_);
    for (std::size_t i = 0; i < count; ++i) {
        const auto message = run_.payload(i);
        const auto data = stun::channel_data::parse(message);
        if (!data) {
            if (const auto request = stun::message_view::parse(message)) answer(*request, run_.source(i));
            continue;
        }
        const allocation& from = by_client_port_[ntohs(run_.source(i).sin_port)];
        if (from.relay_port == 0) continue;
        io::udp_header_buffer headers{};
        const io::udp_packet packet{
            .from = {at_, from.relay_port}, .to = from.peer, .payload = data->payload};
        auto to = to_ipv4(from.peer);
        to.sin_port = 0;
        run_.add(io::write_udp_headers(headers, packet), data->payload, to);
    }
    run_.send(raw_);
}

void forwarder::relay_from_peers() {
    const std::size_t count = run_.receive(steered_);
    for (std::size_t i = 0; i < count; ++i) {
        const auto payload = run_.payload(i);
        const allocation& to = by_client_port_[client_port_of_[run_.steered_from(i)]];
        if (to.relay_port == 0) continue;
        run_.add(stun::channel_data_header(channel, static_cast<std::uint16_t>(payload.size())), payload,
                 to.client);
    }
    run_.send(listener_);
}

void forwarder::answer(const stun::message_view& request, const sockaddr_in& client) {
    std::array<std::byte, 256> buffer{};
    stun::message_writer written{buffer, request.header().success()};
    allocation& of = by_client_port_[ntohs(client.sin_port)];
    of.client = client;
    grant(request, of, written);
    const auto message = written.message();
    ::sendto(listener_.get(), message.data(), message.size(), 0,
             static_cast<const sockaddr*>(static_cast<const void*>(&client)), sizeof client);
}

void forwarder::grant(const stun::message_view& request, allocation& to, stun::message_writer& answer) {
    const auto& header = request.header();
    if (header.method == stun::method::allocate) {
        if (to.relay_port == 0) {
            to.relay_port = next_port_++;
            static_cast<void>(steering_.claim(0, to.relay_port, 0));  // there is nobody else
            client_port_of_[to.relay_port] = ntohs(to.client.sin_port);
        }
        stun::add_xor_address(answer, attribute_type::xor_relayed_address, {at_, to.relay_port});
        stun::add_lifetime(answer, std::chrono::seconds{600});
    } else if (header.method == stun::method::channel_bind) {
        const auto peer = request.find(attribute_type::xor_peer_address);
        if (peer) to.peer = stun::decode_xor_address(*peer, header.transaction_id).value_or(to.peer);
    } else if (to.relay_port != 0) {
        steering_.release(0, to.relay_port);
        to.relay_port = 0;
    }
}

}  // namespace turnix::bench
