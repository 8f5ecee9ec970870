#include "relay/io/dtls_server.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace turnix::io {

namespace {

/// A ClientHello and a flight of three, each sent again as often as there is time. Of each that comes too
/// early OpenSSL may keep as much as fills a record.
constexpr int handshake_datagrams_max = 16;

}  // namespace

dtls_server::dtls_server(const dtls_server_environment& environment)
    : environment_{environment}, framed_(dtls_session::message_bytes_max) {}

void dtls_server::cookie_gate::send_dtls(const turn::client_path& path,
                                         std::span<const std::byte> datagram) noexcept {
    const auto& to = path.client.address;
    if (!server.environment_.sink.has_time_for_stranger() ||
        !server.environment_.budgets.take(turn::budgeted_answer::cookie, to, server.now_)) {
        server.counters_.add(dtls_event::cookie_withheld);
        return;
    }
    server.counters_.add(dtls_event::cookie_sent);
    server.environment_.sink.send_dtls(path, datagram);
}

void dtls_server::on_datagram(monotonic_time now, const turn::client_path& path,
                              std::span<std::byte> datagram) noexcept {
    now_ = now;
    const auto hello = client_hello_of(datagram);
    const auto found = clients_.find(path);
    const bool is_known = found != clients_.end();
    const auto began = [&](const one_session& with) { return with.session && with.hello == *hello; };
    if (hello && !is_known && environment_.load.is_at_least(contract::load_step::tls_waits)) {
        counters_.add(dtls_event::refused);
    } else if (hello && !(is_known && (began(found->second.open) || began(found->second.arising)))) {
        on_client_hello(path, datagram, *hello);
    } else if (is_known) {
        on_record(path, found->second, datagram);
    } else {
        counters_.add(dtls_event::unknown);
    }
}

void dtls_server::on_client_hello(const turn::client_path& path, std::span<std::byte> datagram,
                                  const client_random& hello) noexcept {
    try {
        if (!listening_ || !listening_->can_listen(*environment_.tls)) {
            listening_ = std::make_unique<dtls_session>(*environment_.tls, environment_.cookies, gate_);
        }
        if (listening_->state() == dtls_state::failed) return counters_.add(dtls_event::refused);
        if (!listening_->listen(now_, path, datagram)) return;
        auto proven = std::exchange(listening_, nullptr);
        client* const with = admit(path);
        if (with == nullptr) return counters_.add(dtls_event::refused);
        counters_.add(dtls_event::accepted);
        with->arising = {.session = std::move(proven), .hello = hello, .since = now_};
        with->arising.session->accept(environment_.sink);
        on_handshake(path, *with, datagram);
    } catch (const std::bad_alloc&) {
        counters_.add(dtls_event::refused);
    }
}

dtls_server::client* dtls_server::admit(const turn::client_path& path) {
    const auto known = clients_.find(path);
    if (known != clients_.end()) return &known->second;
    if (clients_.size() >= environment_.limits.sessions_max) return nullptr;
    auto lease = environment_.idle.admit(path.client.address);
    if (!lease) return nullptr;
    client& added = clients_[path];
    added.idle = std::move(lease);
    return &added;
}

void dtls_server::on_record(const turn::client_path& path, client& from,
                            std::span<std::byte> datagram) noexcept {
    // While a handshake is under way, only data is the old session's: what is not meant for a session does
    // not verify there, and is dropped.
    if (from.arising.session && !(from.open.session && is_application_data(datagram))) {
        if (++from.arising.datagrams > handshake_datagrams_max) return fail_handshake(path, from);
        from.arising.session->take(datagram);
        on_handshake(path, from, datagram);
    } else {
        from.open.session->take(datagram);
        on_messages(path, from, datagram);
    }
}

void dtls_server::on_handshake(const turn::client_path& path, client& with,
                               std::span<std::byte> datagram) noexcept {
    const auto state = with.arising.session->state();
    if (state == dtls_state::handshake) return;
    if (state == dtls_state::open) {
        end_open(path, with);
        with.open = std::exchange(with.arising, {});
        with.open.since = now_;
        return on_messages(path, with, datagram);
    }
    fail_handshake(path, with);
}

void dtls_server::fail_handshake(const turn::client_path& path, client& with) noexcept {
    counters_.add(dtls_event::handshake_failed);
    with.arising = {};
    if (!with.open.session) clients_.erase(path);
}

void dtls_server::on_messages(const turn::client_path& path, client& from,
                              std::span<std::byte> room) noexcept {
    while (const auto message = from.open.session->read(room)) {
        from.open.since = now_;
        from.open.has_spoken = true;
        environment_.sink.on_dtls_message(path, *message);
        room = room.subspan(message->size());
    }
    if (from.open.session->state() != dtls_state::open) {
        end_open(path, from);
        if (!from.arising.session) clients_.erase(path);
    } else if (from.idle && environment_.sink.has_allocation(path)) {
        from.idle.reset();
    }
}

void dtls_server::end_open(const turn::client_path& path, client& which) noexcept {
    if (!which.open.session) return;
    which.open.session->close();
    which.open = {};
    environment_.sink.on_dtls_closed(path);
}

void dtls_server::send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept {
    const auto found = clients_.find(path);
    if (found == clients_.end() || !found->second.open.session) return;
    if (!found->second.open.session->write(message)) counters_.add(dtls_event::dropped);
}

void dtls_server::send_to_client(const turn::to_client& how, std::span<const std::byte> payload) noexcept {
    const auto header = how.header();
    if (payload.size() > framed_.size() - header.size() - how.padding) {
        counters_.add(dtls_event::dropped);
        return;
    }
    auto end = std::ranges::copy(header, framed_.begin()).out;
    end = std::ranges::copy(payload, end).out;
    end = std::fill_n(end, how.padding, std::byte{0});
    send_reply(how.path, {framed_.begin(), end});
}

void dtls_server::on_tick(monotonic_time now) noexcept {
    now_ = now;
    boost::unordered::erase_if(clients_, [&](auto& each) {
        tick_arising(each.second);
        tick_open(each.first, each.second);
        return !each.second.open.session && !each.second.arising.session;
    });
}

void dtls_server::tick_arising(client& which) noexcept {
    auto& [session, hello, since, datagrams, has_spoken] = which.arising;
    if (!session) return;
    session->on_tick();
    const bool is_late = now_ - since > patience_.handshake;
    if (!is_late && session->state() == dtls_state::handshake) return;
    counters_.add(is_late ? dtls_event::timed_out : dtls_event::handshake_failed);
    which.arising = {};
}

void dtls_server::tick_open(const turn::client_path& path, client& which) noexcept {
    if (!which.open.session || environment_.sink.has_allocation(path)) return;
    if (!which.idle && !readmit(path, which)) return;
    const auto allowed = which.open.has_spoken ? patience_.idle : patience_.first_message;
    if (now_ - which.open.since <= allowed) return;
    counters_.add(dtls_event::timed_out);
    end_open(path, which);
}

bool dtls_server::readmit(const turn::client_path& path, client& which) noexcept {
    try {
        which.idle = environment_.idle.readmit(path.client.address);
        return true;
    } catch (const std::bad_alloc&) {
        return false;  // the next tick tries again
    }
}

void dtls_server::close() noexcept {
    for (auto& [path, which] : clients_) end_open(path, which);
    clients_.clear();
}

}  // namespace turnix::io
