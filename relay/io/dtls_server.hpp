// The DTLS side of one worker, between its datagram engine and its protocol core: records come in as
// datagrams, messages go on, and the other way round (RFC 7350). Whichever engine carries the datagrams.
//
// Owned by a worker, used on its thread; `counters` may be asked from any. Before a cookie has proven that a
// client is where it says it is, nothing is kept of it; then it has as long for its handshake and its first
// message as a TLS client, and a bounded number of datagrams for the handshake. It counts among its source's
// idle connections until it has an allocation. A client that begins anew from the same address and port,
// restarted perhaps, keeps its old session until the new one is through (RFC 6347 §4.2.8).
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/load_step.hpp"
#include "common/contract/relay_settings.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/dtls_cookie.hpp"
#include "relay/io/dtls_record.hpp"
#include "relay/io/dtls_session.hpp"
#include "relay/io/idle_connections.hpp"
#include "relay/io/patience.hpp"
#include "relay/io/tls_context.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/source_budget.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::io {

/// Implemented by the worker. Calls come on its thread; messages may be answered at once.
class dtls_sink : public dtls_output {
  public:
    virtual void on_dtls_message(const turn::client_path& path,
                                 std::span<const std::byte> message) noexcept = 0;
    virtual void on_dtls_closed(const turn::client_path& path) noexcept = 0;
    [[nodiscard]] virtual bool has_allocation(const turn::client_path& path) const noexcept = 0;
    /// Is there time for a stranger's answer, beside those of the protocol core's?
    [[nodiscard]] virtual bool has_time_for_stranger() noexcept = 0;

  protected:
    ~dtls_sink() = default;
};

/// What a DTLS server lives on; everything outlives it.
struct dtls_server_environment {
    dtls_sink& sink;
    idle_connections& idle;             ///< the node's
    const contract::load_signal& load;  ///< the node's
    turn::source_budget& budgets;       ///< the node's
    const cookie_authority& cookies;
    const contract::limit_settings& limits;
    const tls_context* tls{nullptr};  ///< one for DTLS; null when no listener speaks it
};

class dtls_server {
  public:
    explicit dtls_server(const dtls_server_environment& environment);

    /// A datagram, whose messages are decrypted where it stands: they hold as long as it does. The path's
    /// transport is DTLS.
    void on_datagram(monotonic_time now, const turn::client_path& path,
                     std::span<std::byte> datagram) noexcept;

    /// Sends at once. Without effect when the session is gone.
    void send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept;
    /// The same for a peer's payload.
    void send_to_client(const turn::to_client& how, std::span<const std::byte> payload) noexcept;

    /// Ends what has had its time, and sends lost handshake flights again. About four times a second.
    void on_tick(monotonic_time now) noexcept;
    /// Ends every session; the clients and the sink are told.
    void close() noexcept;

    [[nodiscard]] std::size_t sessions() const noexcept { return clients_.size(); }
    [[nodiscard]] dtls_totals counters() const noexcept { return counters_.totals(); }

  private:
    /// A session and the ClientHello that it began with.
    struct one_session {
        std::unique_ptr<dtls_session> session;
        client_random hello{};
        monotonic_time since{};  ///< the begin; once open, that of the last message
        int datagrams{1};        ///< of its handshake
        bool has_spoken{false};  ///< a message has come
    };
    struct client {
        one_session open;                ///< null until the first handshake is through
        one_session arising;             ///< null when none is under way
        std::optional<idle_lease> idle;  ///< while it has no allocation
    };
    struct path_hash {
        std::size_t operator()(const turn::client_path& path) const noexcept {
            return std::hash<net::endpoint>{}(path.client) ^ path.server.port;
        }
    };
    /// Lets as many cookies out as the budget of their receiver allows, and the worker's time.
    struct cookie_gate final : dtls_output {
        explicit cookie_gate(dtls_server& of) noexcept : server{of} {}
        void send_dtls(const turn::client_path& path, std::span<const std::byte> datagram) noexcept override;
        dtls_server& server;
    };

    void on_client_hello(const turn::client_path& path, std::span<std::byte> datagram,
                         const client_random& hello) noexcept;
    /// Null when there is no room for the client.
    [[nodiscard]] client* admit(const turn::client_path& path);
    void on_record(const turn::client_path& path, client& from, std::span<std::byte> datagram) noexcept;
    void on_handshake(const turn::client_path& path, client& with, std::span<std::byte> datagram) noexcept;
    void fail_handshake(const turn::client_path& path, client& with) noexcept;
    void on_messages(const turn::client_path& path, client& from, std::span<std::byte> room) noexcept;
    void end_open(const turn::client_path& path, client& which) noexcept;
    void tick_arising(client& which) noexcept;
    void tick_open(const turn::client_path& path, client& which) noexcept;
    /// False when there is no memory to count it.
    bool readmit(const turn::client_path& path, client& which) noexcept;

    dtls_server_environment environment_;
    patience patience_;
    dtls_counters counters_;
    monotonic_time now_{};  ///< of the call at hand
    cookie_gate gate_{*this};
    std::unique_ptr<dtls_session> listening_;
    std::vector<std::byte> framed_;  ///< room to put a message together
    boost::unordered_flat_map<turn::client_path, client, path_hash> clients_;
};

}  // namespace turnix::io
