#include "api/http/server.hpp"

#include "api/http/awaited_clients.hpp"
#include "api/http/connection.hpp"
#include "api/http/cors.hpp"
#include "api/http/forwarded.hpp"
#include "api/http/listener.hpp"
#include "api/http/request_ids.hpp"
#include "api/http/tls_context.hpp"
#include "common/clock/insist.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <unordered_map>

namespace turnix::http {

namespace {

/// Before the next try, when a connection could not be accepted (no descriptors left).
constexpr std::chrono::milliseconds accept_pause{100};
/// What is accepted in one go; then others have their turn.
constexpr int accepted_at_once = 32;

}  // namespace

class server::state final : public connection::owner, public std::enable_shared_from_this<state> {
  public:
    state(boost::asio::io_context& io, server_settings settings, answerer answer)
        : io_{io},
          settings_{std::move(settings)},
          answer_{std::move(answer)},
          cors_{settings_.cors_origins} {}

    listener& add(std::unique_ptr<listener> made) { return *listeners_.emplace_back(std::move(made)); }

    void renew(const std::shared_ptr<boost::asio::ssl::context>& certificate) {
        for (const auto& each : listeners_) each->renew(certificate);
    }

    void change(server_settings settings) {
        settings_.trusted_proxies = std::move(settings.trusted_proxies);
        settings_.cors_origins = std::move(settings.cors_origins);
        settings_.expected = std::move(settings.expected);
        strangers_ = static_cast<std::uint32_t>(std::ranges::count_if(connections_, [this](const auto& open) {
            const auto& remote = open.first->remote();
            return remote && is_stranger(*remote);
        }));
        cors_ = cors_policy{settings_.cors_origins};
    }

    void limit_connections(std::uint32_t connections_max) {
        settings_.limits.connections_max = connections_max;
        accept_where_full();
    }

    void end_connections() {
        std::vector<std::shared_ptr<connection>> ended;
        for (const auto& [key, open] : connections_) {
            if (open.place) ended.push_back(open.held);
        }
        for (const auto& each : ended) each->close();
    }

    boost::asio::io_context& io() noexcept { return io_; }
    [[nodiscard]] std::size_t connections() const noexcept { return connections_.size(); }

    void start() {
        for (const auto& each : listeners_) accept(*each);
    }

    void stop() {
        for (const auto& each : listeners_) each->close();
        for (const auto& [key, open] : std::exchange(connections_, {})) open.held->close();
    }

    response answer(request asked) override {
        asked.request_id = request_ids_.next();
        if (asked.remote) {
            asked.client = client_address(asked.remote->address, asked.headers.list("X-Forwarded-For"),
                                          settings_.trusted_proxies);
        }
        auto made = cors_.preflight(asked);
        if (!made) made = answer_(asked);
        if (!made->later) return finished(asked, std::move(*made));
        return {.later = [self = shared_from_this(), asked = std::move(asked),
                          later = std::move(made->later)](const responder& to) {
            later([self, asked, to](response answer) { to(self->finished(asked, std::move(answer))); });
        }};
    }

    response answer_fault(const error& what) override {
        auto request_id = request_ids_.next();
        auto made = to_response(what, request_id);
        return completed(std::move(made), request_id);
    }

    void on_phase(const connection& which) override {
        auto& place = connections_.at(&which).place;
        if (!place) return;
        if (which.waits_for_client()) return place->await(which.since());
        place->let_be();
    }

    void on_connection_end(const connection& which) override {
        if (const auto& remote = which.remote()) {
            --network_connections_;
            if (is_stranger(*remote)) --strangers_;
        }
        connections_.erase(&which);
        accept_where_full();
    }

    void on_out_of_memory() noexcept override { memory_log_.warn("memory runs short: a connection ends"); }

  private:
    struct open_connection {
        std::shared_ptr<connection> held;
        std::optional<awaited_clients::place> place;  ///< none on the control socket
    };

    response finished(const request& asked, response made) {
        cors_.allow(asked, made);
        log_.debug("request {}: {} {} is {}", asked.request_id, to_string(asked.method), asked.path,
                   made.status);
        return completed(std::move(made), asked.request_id);
    }

    static response completed(response made, const std::string& request_id) {
        made.headers.add("X-Request-Id", request_id);
        made.headers.add("X-Content-Type-Options", "nosniff");
        if (made.headers.find("Cache-Control") == nullptr) made.headers.add("Cache-Control", "no-store");
        return made;
    }

    [[nodiscard]] bool has_room(const listener& on) const noexcept {
        return on.is_control() || network_connections_ < settings_.limits.connections_max;
    }

    void accept_where_full() {
        for (const auto& each : listeners_) {
            if (std::exchange(each->is_full, false)) accept(*each);
        }
    }

    void accept(listener& on) {
        if (!on.is_open()) return;
        insist([&] {
            on.async_wait([self = shared_from_this(), &on](boost::system::error_code code) {
                if (!code && on.is_open()) self->accept_waiting(on);
            });
        });
    }

    /// When nobody can give way to them, newcomers wait in the kernel's queue until a connection ends.
    void accept_waiting(listener& on) try {
        for (int accepted = 0; accepted < accepted_at_once; ++accepted) {
            on.is_full = !has_room(on) && awaited_.least_welcome() == nullptr;
            if (on.is_full) return;
            stream_socket socket{io_};
            const auto code = on.accept(socket);
            if (code == boost::asio::error::would_block) break;
            if (code) return accept_later(on, code);
            serve(on, std::move(socket));
        }
        accept(on);
    } catch (const std::exception&) {
        // Out of memory, which OpenSSL says in its own way: this newcomer ends, others are accepted.
        accept_later(on, boost::asio::error::no_memory);
    }

    void accept_later(listener& on, const boost::system::error_code& code) {
        insist([&] {
            on.async_pause(accept_pause, [self = shared_from_this(), &on](boost::system::error_code stopped) {
                if (!stopped) self->accept(on);
            });
        });
        accept_log_.warn("cannot accept a connection: {}", code.message());
    }

    [[nodiscard]] bool is_stranger(const net::endpoint& remote) const noexcept {
        const auto& expected = settings_.expected;
        return !expected.empty() && std::ranges::find(expected, remote.address) == expected.end();
    }

    /// The least welcome ends for a newcomer; several where the limit has become less.
    void make_room(const listener& on) {
        while (!has_room(on) && awaited_.least_welcome() != nullptr) awaited_.least_welcome()->close();
    }

    void serve(listener& on, stream_socket socket) {
        std::optional<net::endpoint> remote;
        if (!on.is_control()) {
            remote = remote_of(socket);
            if (!remote) return;  // gone already
            if (is_stranger(*remote) && strangers_ >= settings_.limits.strangers_max) return;
            make_room(on);
        }
        const auto made = std::make_shared<connection>(io_, on.make_stream(std::move(socket)), remote,
                                                       settings_.limits, *this);
        keep(made);
        made->start();
    }

    /// Without memory it throws, and the connection is nobody's.
    void keep(const std::shared_ptr<connection>& made) {
        auto& open = connections_[made.get()];
        open.held = made;
        const auto& remote = made->remote();
        if (!remote) return;
        try {
            open.place.emplace(awaited_, *made, remote->address);
        } catch (const std::bad_alloc&) {
            connections_.erase(made.get());
            throw;
        }
        ++network_connections_;
        if (is_stranger(*remote)) ++strangers_;
    }

    boost::asio::io_context& io_;
    server_settings settings_;
    answerer answer_;
    cors_policy cors_;
    request_ids request_ids_;
    spdlog::logger& log_{telemetry::logger("api.http")};
    telemetry::rate_limited_log accept_log_{"api.http"};
    telemetry::rate_limited_log memory_log_{"api.http"};
    std::vector<std::unique_ptr<listener>> listeners_;
    awaited_clients awaited_;
    std::unordered_map<const connection*, open_connection> connections_;
    std::uint32_t network_connections_{0};
    std::uint32_t strangers_{0};  ///< of them
};

server::server(boost::asio::io_context& io, server_settings settings, answerer answer)
    : state_{std::make_shared<state>(io, std::move(settings), std::move(answer))} {}

server::~server() { stop(); }

net::endpoint server::listen(const net::endpoint& address,
                             const std::optional<server_certificate>& certificate) {
    return listen(address, certificate
                               ? std::make_shared<boost::asio::ssl::context>(make_tls_context(*certificate))
                               : std::shared_ptr<boost::asio::ssl::context>{});
}

net::endpoint server::listen(const net::endpoint& address, std::shared_ptr<boost::asio::ssl::context> tls) {
    return state_->add(listener::on_network(state_->io(), address, std::move(tls))).local();
}

void server::listen_control(const std::filesystem::path& socket_path) {
    state_->add(listener::on_control_socket(state_->io(), socket_path));
}

std::function<void()> server::prepare_certificate(const server_certificate& certificate) {
    return
        [state = state_, made = std::make_shared<boost::asio::ssl::context>(make_tls_context(certificate))] {
            state->renew(made);
        };
}

void server::change(server_settings settings) { state_->change(std::move(settings)); }
void server::limit_connections(std::uint32_t connections_max) { state_->limit_connections(connections_max); }
void server::end_connections() { state_->end_connections(); }

void server::start() { state_->start(); }

void server::stop() { state_->stop(); }

std::size_t server::connections() const noexcept { return state_->connections(); }

}  // namespace turnix::http
