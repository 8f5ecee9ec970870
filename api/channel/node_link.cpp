#include "api/channel/node_link.hpp"

#include "common/net/sockaddr.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <exception>
#include <new>
#include <utility>

namespace turnix::channel {

namespace {

using boost::system::error_code;

constexpr http::message_limits limits{.header_bytes_max = 8 * 1024, .body_bytes_max = answer_bytes_max};

boost::asio::generic::stream_protocol::endpoint to_asio(const net::endpoint& from) {
    sockaddr_storage storage{};
    const auto length = net::to_sockaddr(from, storage);
    return {&storage, length};
}

}  // namespace

node_link::node_link(boost::asio::io_context& io, std::shared_ptr<boost::asio::ssl::context> tls,
                     std::shared_ptr<channel_counters> counters, events told)
    : timer_{io},
      tls_{std::move(tls)},
      counters_{std::move(counters)},
      told_{std::move(told)},
      socket_{io},
      reader_{limits} {}

template <class Step>
auto node_link::later(Step step) {
    return [self = shared_from_this(), step](error_code failed, auto... bytes) {
        if (self->phase_ == phase::ended) return;
        if (failed) return self->close();
        try {
            step(*self, bytes...);
        } catch (const std::exception&) {
            // Out of memory, which OpenSSL says in its own way.
            self->close();
        }
    };
}

void node_link::start(const net::endpoint& to) {
    try {
        wait(setup_time);
        socket_.async_connect(to_asio(to),
                              later([](node_link& self) { self.shake_hands(std::move(self.socket_)); }));
    } catch (const std::bad_alloc&) {
        let_go();
        throw;
    }
}

void node_link::shake_hands(http::stream_socket connected) {
    error_code ignored;
    connected.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
    stream_ = http::make_tls_stream(std::move(connected), *tls_, http::tls_role::client);
    stream_->async_handshake(later([](node_link& self) {
        self.counters_->count(connection_event::opened);
        self.read();
        self.become_idle();
    }));
}

void node_link::ask(std::string request, completion done) {
    timer_.cancel();
    phase_ = phase::asking;
    request_ = std::move(request);
    done_ = std::move(done);
    try {
        stream_->async_write(boost::asio::buffer(request_), later([](node_link&, std::size_t /*bytes*/) {}));
    } catch (const std::bad_alloc&) {
        // `done` is called later, when whoever waits has waited long enough.
    }
}

void node_link::close() {
    if (phase_ == phase::ended) return;
    note_end();
    let_go();
    if (auto done = std::exchange(done_, nullptr)) done(std::nullopt);
    told_.ended(*this);
}

void node_link::let_go() noexcept {
    phase_ = phase::ended;
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    if (stream_) stream_->close();
}

void node_link::note_end() noexcept {
    if (phase_ != phase::setup) return counters_->count(connection_event::closed);
    counters_->count(stream_ ? connection_event::handshake_failed : connection_event::unreachable);
}

void node_link::become_idle() {
    phase_ = phase::idle;
    wait(idle_time);
    told_.idle(*this);
}

void node_link::wait(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this()](error_code cancelled) {
        const bool is_over = self->timer_.expiry() <= std::chrono::steady_clock::now();
        if (!cancelled && is_over && self->phase_ != phase::asking) self->close();
    });
}

void node_link::read() {
    stream_->async_read_some(reader_.prepare(), later([](node_link& self, std::size_t bytes) {
                                 self.reader_.commit(bytes);
                                 self.on_bytes();
                             }));
}

/// Between an answer and the next request the other end has nothing to say.
void node_link::on_bytes() {
    const auto found = reader_.advance();
    if (phase_ != phase::asking || found == http::response_reader::progress::failed) return close();
    if (found == http::response_reader::progress::more) return read();
    has_answered_ = true;
    const bool goes_on = reader_.keeps_alive() && !reader_.has_rest();
    auto answer = reader_.take();
    std::exchange(done_, nullptr)(std::move(answer));
    if (phase_ == phase::ended) return;
    if (!goes_on) return close();
    read();
    become_idle();
}

}  // namespace turnix::channel
