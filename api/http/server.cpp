#include "api/http/server.hpp"

#include "api/http/connection.hpp"
#include "api/http/cors.hpp"
#include "api/http/forwarded.hpp"
#include "api/http/listener.hpp"
#include "api/http/request_ids.hpp"
#include "api/http/tls_context.hpp"
#include "common/net/source.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>

namespace turnix::http {

namespace {

/// Before the next try, when a connection could not be accepted (no descriptors left).
constexpr std::chrono::milliseconds accept_pause{100};

using open_connections = std::unordered_map<const connection*, std::shared_ptr<connection>>;

/// Whom the server waits for on a connection; nobody on the control socket's.
std::optional<net::address> awaited_source(const connection& one) {
    const auto& remote = one.remote();
    if (!remote || !one.waits_for_client()) return std::nullopt;
    return net::source_of(remote->address);
}

/// Who gives way to a newcomer: of the source for whose connections the server waits most, the one that it
/// waits for longest. Null when it waits for none.
connection* least_welcome(const open_connections& all) {
    std::unordered_map<net::address, std::size_t> awaited;
    std::size_t most{0};
    for (const auto& [key, each] : all) {
        const auto source = awaited_source(*each);
        if (source) most = std::max(most, ++awaited[*source]);
    }
    connection* chosen{nullptr};
    for (const auto& [key, each] : all) {
        const auto source = awaited_source(*each);
        if (!source || awaited[*source] < most) continue;
        if (chosen == nullptr || each->since() < chosen->since()) chosen = each.get();
    }
    return chosen;
}

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

    void end_connections() {
        for (const auto& [key, open] : std::unordered_map{connections_}) {
            if (open->remote()) open->close();
        }
    }

    boost::asio::io_context& io() noexcept { return io_; }
    [[nodiscard]] std::size_t connections() const noexcept { return connections_.size(); }

    void start() {
        for (const auto& each : listeners_) accept(*each);
    }

    void stop() {
        for (const auto& each : listeners_) each->close();
        for (const auto& [key, open] : std::exchange(connections_, {})) open->close();
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

    void on_connection_end(const connection& which) override {
        if (const auto& remote = which.remote()) {
            --network_connections_;
            if (is_stranger(*remote)) --strangers_;
        }
        connections_.erase(&which);
        for (const auto& each : listeners_) {
            if (std::exchange(each->is_full, false)) accept(*each);
        }
    }

  private:
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

    void accept(listener& on) {
        if (!on.is_open()) return;
        if (!has_room(on)) return make_room(on);
        on.async_accept(
            [self = shared_from_this(), &on](boost::system::error_code code, stream_socket socket) {
                if (code == boost::asio::error::operation_aborted || !on.is_open()) return;
                if (code) return self->accept_later(on, code);
                self->serve(on, std::move(socket));
                self->accept(on);
            });
    }

    /// When a newcomer comes, the least welcome ends for it. When there is none, newcomers wait in the
    /// kernel's queue until a connection ends.
    void make_room(listener& on) {
        on.async_wait([self = shared_from_this(), &on](boost::system::error_code code) {
            if (code || !on.is_open()) return;
            auto* const chosen = self->has_room(on) ? nullptr : least_welcome(self->connections_);
            if (chosen != nullptr) chosen->close();
            on.is_full = !self->has_room(on);
            if (!on.is_full) self->accept(on);
        });
    }

    void accept_later(listener& on, const boost::system::error_code& code) {
        accept_log_.warn("cannot accept a connection: {}", code.message());
        on.async_pause(accept_pause, [self = shared_from_this(), &on](boost::system::error_code stopped) {
            if (!stopped) self->accept(on);
        });
    }

    [[nodiscard]] bool is_stranger(const net::endpoint& remote) const noexcept {
        const auto& expected = settings_.expected;
        return !expected.empty() && std::ranges::find(expected, remote.address) == expected.end();
    }

    void serve(listener& on, stream_socket socket) {
        std::optional<net::endpoint> remote;
        if (!on.is_control()) {
            remote = remote_of(socket);
            if (!remote) return;  // gone already
            const bool is_strange = is_stranger(*remote);
            if (is_strange && strangers_ >= settings_.limits.strangers_max) return;
            ++network_connections_;
            if (is_strange) ++strangers_;
        }
        auto made = std::make_shared<connection>(io_, on.make_stream(std::move(socket)), remote,
                                                 settings_.limits, *this);
        connections_.emplace(made.get(), made);
        made->start();
    }

    boost::asio::io_context& io_;
    server_settings settings_;
    answerer answer_;
    cors_policy cors_;
    request_ids request_ids_;
    spdlog::logger& log_{telemetry::logger("api.http")};
    telemetry::rate_limited_log accept_log_{"api.http"};
    std::vector<std::unique_ptr<listener>> listeners_;
    open_connections connections_;
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
void server::end_connections() { state_->end_connections(); }

void server::start() { state_->start(); }

void server::stop() { state_->stop(); }

std::size_t server::connections() const noexcept { return state_->connections(); }

}  // namespace turnix::http
