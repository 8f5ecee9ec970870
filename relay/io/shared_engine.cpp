#include "relay/io/shared_engine.hpp"

#include "relay/io/error_queue.hpp"
#include "relay/io/shared_sockets.hpp"
#include "relay/io/socket_options.hpp"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace turnix::io {

namespace {

/// What all peers of a family may deliver in one look.
constexpr std::size_t peer_datagrams_max = 256;
constexpr int icmp_messages_max = 32;
/// Datagrams that were too big and are told of, between two flushes.
constexpr std::size_t reports_max = 64;

/// Keys of the epoll set: the family, and what of it.
constexpr std::uint32_t icmp_key = 2;
/// From here on: relay handles whose sockets were adopted.
constexpr std::uint32_t first_holder_key = 4;

constexpr std::size_t index_of(net::family family) noexcept { return family == net::family::ipv4 ? 0 : 1; }

}  // namespace

shared_engine::shared_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                             const shared_engine_options& options)
    : polled_engine{context, std::move(listeners), options.pacer},
      steering_{options.steering},
      worker_{options.worker},
      hold_ports_{options.hold_ports} {
    to_report_.reserve(reports_max);
    for (const net::address& address : options.relay_addresses) {
        addresses_.emplace_back(address, count());
        open_family(address.family());
    }
}

void shared_engine::open_family(net::family family) {
    auto& sockets = families_[index_of(family)];
    if (sockets) return;
    sockets.emplace(family_sockets{.peers = open_steered_socket(family), .icmp = icmp_reader{family}});
    steering_.receive_on(sockets->peers, worker_, family);
}

void shared_engine::start(datagram_sink& sink) {
    for (std::uint32_t key = 0; key < families_.size(); ++key) {
        const auto& sockets = families_[key];
        if (!sockets) continue;
        if (!watch(sockets->peers, key) || !watch(sockets->icmp.descriptor(), key | icmp_key)) {
            throw std::system_error{errno, std::generic_category(), "cannot watch the sockets of peers"};
        }
    }
    polled_engine::start(sink);
}

void shared_engine::serve(std::uint32_t key, std::uint32_t) noexcept {
    if (key >= first_holder_key) {
        receive_what_waited(key - first_holder_key);
        return;
    }
    auto& sockets = families_[key & ~icmp_key];
    if (!sockets) return;
    if ((key & icmp_key) != 0) {
        receive_errors(sockets->icmp);
    } else {
        receive_from_peers(sockets->peers);
    }
}

void shared_engine::receive_from_peers(const file_descriptor& socket) noexcept {
    for (std::size_t taken = 0; taken < peer_datagrams_max;) {
        const auto run = receive(socket, peer_datagrams_max - taken);
        if (run.count == 0) return;
        taken += run.count;
        in_groups(run, [&](const receive_batch::run& group) noexcept { show_peers(group); });
        if (received().room() > 0) return;
    }
}

void shared_engine::show_peers(const receive_batch::run& group) noexcept {
    boost::container::static_vector<turn::relay_handle, turn::fetched_ahead_max> came_to;
    for (const received_datagram& datagram : received().datagrams(group)) {
        if (const auto at = relay_of(datagram)) came_to.push_back(*at);
    }
    sink().on_relays_ahead(came_to);
    show_each(group, [&](const received_datagram& datagram) noexcept {
        const auto at = relay_of(datagram);
        if (at) sink().on_peer_datagram(*at, datagram.from, datagram.payload);
    });
}

std::optional<turn::relay_handle> shared_engine::relay_of(const received_datagram& datagram) const noexcept {
    const auto& steered_from = datagram.control.destination;
    return steered_from ? relay_at(*steered_from) : std::nullopt;
}

void shared_engine::receive_what_waited(std::uint32_t handle) noexcept {
    const relay& at = relays_[handle];
    if (!at.own.descriptor.is_open()) return;
    const auto run = receive(at.own.descriptor, peer_datagrams_max);
    show_each(run, [&](const received_datagram& datagram) noexcept {
        if (at.is_open) sink().on_peer_datagram({.index = handle}, datagram.from, datagram.payload);
    });
}

void shared_engine::receive_errors(icmp_reader& icmp) noexcept {
    std::optional<icmp_report> report;
    for (int taken = 0; taken < icmp_messages_max; ++taken) {
        if (icmp.next(report) == icmp_reader::outcome::empty) return;
        if (!report) continue;
        const auto at = relay_at(report->sent_from);
        if (at) sink().on_peer_error(*at, report->sent_to, report->error);
    }
}

std::optional<turn::relay_handle> shared_engine::relay_at(const net::endpoint& local) const noexcept {
    const auto found = std::ranges::find(addresses_, local.address, &relay_address::local);
    if (found == addresses_.end()) return std::nullopt;
    const std::uint32_t handle = found->by_port[local.port];
    if (handle == 0) return std::nullopt;
    return turn::relay_handle{.index = handle - 1};
}

result<turn::relay_handle, bind_error> shared_engine::open_relay(const net::endpoint& local) noexcept {
    auto socket = hold_ports_ ? open_relay_socket(local) : open_port_probe(local);
    if (!socket) return socket.error();
    // A probe is closed after the claim: nobody comes in between.
    return claim(local, hold_ports_ ? std::move(*socket) : file_descriptor{});
}

result<turn::relay_handle, bind_error> shared_engine::adopt_relay(file_descriptor socket,
                                                                  net::family) noexcept {
    const auto local = bound_endpoint(socket);
    const auto handle = claim(local, std::move(socket));
    // What peers sent since its release waits in it.
    if (handle && !watch(relays_[handle->index].own.descriptor, handle->index + first_holder_key)) {
        close_relay(*handle);
        return bind_error::out_of_resources;
    }
    return handle;
}

result<turn::relay_handle, bind_error> shared_engine::claim(const net::endpoint& local,
                                                            file_descriptor holder) noexcept {
    const auto place = steering_.place_of(local.address);
    if (!place) return bind_error::not_local;
    if (!steering_.claim(*place, local.port, worker_)) return bind_error::in_use;
    const std::uint32_t index = handles_.next();
    try {
        if (index == relays_.size()) relays_.emplace_back();
        handles_.take();
    } catch (const std::bad_alloc&) {
        steering_.release(*place, local.port);
        return bind_error::out_of_resources;
    }
    // It sends nothing, and a queue that nobody reads would keep it ready.
    if (holder.is_open()) ignore_icmp_errors(holder, local.address.family());
    relays_[index] = {.place = *place,
                      .port = local.port,
                      .is_open = true,
                      .own = {.descriptor = std::move(holder), .family = local.address.family()}};
    addresses_[*place].by_port[local.port] = index + 1;
    return turn::relay_handle{.index = index};
}

file_descriptor shared_engine::release_relay(turn::relay_handle handle) noexcept {
    relay& released = relays_[handle.index];
    outgoing().flush(released.own);
    file_descriptor holder = std::move(released.own.descriptor);
    if (holder.is_open()) {
        unwatch(holder);
    } else if (auto bound = open_relay_socket(local_of(released))) {
        holder = std::move(*bound);
    }
    give_up_claim(handle);
    return holder;
}

void shared_engine::close_relay(turn::relay_handle handle) noexcept {
    datagram_socket& own = relays_[handle.index].own;
    outgoing().flush(own);
    give_up_claim(handle);
    own.descriptor.reset();
}

void shared_engine::give_up_claim(turn::relay_handle handle) noexcept {
    relay& closed = relays_[handle.index];
    assert(closed.is_open);
    addresses_[closed.place].by_port[closed.port] = 0;
    steering_.release(closed.place, closed.port);
    closed.is_open = false;
    handles_.retire(handle.index);
}

net::endpoint shared_engine::local_of(const relay& of) const noexcept {
    return {.address = addresses_[of.place].local, .port = of.port};
}

void shared_engine::send_to_peer(const turn::to_peer& what) noexcept {
    relay& from = relays_[what.from.index];
    if (leaves_joined(from, what)) {
        outgoing().add(
            from.own,
            {.payload = what.payload, .to = what.peer, .control = {.traffic_class = shown_traffic_class()}});
        return;
    }
    from.raw_in = batch_;
    addresses_[from.place].sender.add(
        {.what = what, .source_port = from.port, .traffic_class = shown_traffic_class()});
}

bool shared_engine::leaves_joined(relay& from, const turn::to_peer& what) noexcept {
    // What must not be fragmented and is too big is told of by the raw way only.
    if (what.dont_fragment) return false;
    // One way in one batch: datagrams keep their order.
    if (from.own.first != datagram_socket::none) return true;
    if (!shown_is_joined() || from.raw_in == batch_ || from.own_refused) return false;
    if (from.own.descriptor.is_open()) return true;
    auto opened = open_relay_socket(local_of(from));
    from.own_refused = !opened;
    if (!opened) return false;
    ignore_icmp_errors(*opened, from.own.family);
    from.own.descriptor = std::move(*opened);
    return true;
}

void shared_engine::finish_batch() noexcept {
    for (relay_address& each : addresses_) {
        each.sender.flush();
        for (const oversized_datagram& oversized : each.sender.oversized()) send_oversized(oversized);
        each.sender.clear_oversized();
    }
    handles_.renew();
    ++batch_;
}

void shared_engine::flush() noexcept {
    send_all();
    if (to_report_.empty()) return;
    for (const auto& [datagram, mtu] : to_report_) {
        const turn::to_peer& what = datagram.what;
        if (!relays_[what.from.index].is_open) continue;
        sink().on_peer_error(what.from, what.peer, too_big(what.peer.address.family(), mtu));
    }
    to_report_.clear();
    send_all();
}

void shared_engine::send_oversized(const oversized_datagram& oversized) noexcept {
    if (!oversized.datagram.what.dont_fragment) {
        send_in_fragments(oversized.datagram);
        return;
    }
    count().add(datagram_event::too_big);
    if (to_report_.size() < reports_max) to_report_.push_back(oversized);
}

void shared_engine::send_in_fragments(const raw_datagram& datagram) noexcept {
    const relay& from = relays_[datagram.what.from.index];
    file_descriptor opened;
    if (!from.own.descriptor.is_open()) {
        if (auto socket = open_relay_socket(local_of(from))) opened = std::move(*socket);
    }
    const bool sent = send_datagram(from.own.descriptor.is_open() ? from.own.descriptor : opened,
                                    {.payload = datagram.what.payload,
                                     .to = datagram.what.peer,
                                     .control = {.traffic_class = datagram.traffic_class}});
    count().add(sent ? datagram_event::sent : datagram_event::send_refused);
}

}  // namespace turnix::io
