// One DTLS 1.2 session with a client, from its ClientHello with a valid cookie to its end (RFC 6347, RFC
// 7350). Before that it listens: it answers any number of ClientHellos, whoever sends them, and keeps nothing
// of them.
//
// Owned by the DTLS server of its worker, used on that thread. Sans socket: datagrams come in as arguments
// and leave through the output.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/io/datagram_bio.hpp"
#include "relay/io/dtls_cookie.hpp"
#include "relay/io/tls_context.hpp"
#include "relay/turn/routes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace turnix::io {

/// Where records leave.
class dtls_output {
  public:
    dtls_output() = default;
    dtls_output(const dtls_output&) = delete;
    dtls_output& operator=(const dtls_output&) = delete;

    /// One datagram for the client; it holds during the call.
    virtual void send_dtls(const turn::client_path& path, std::span<const std::byte> datagram) noexcept = 0;

  protected:
    ~dtls_output() = default;
};

enum class dtls_state : std::uint8_t {
    handshake,
    open,
    closed,  ///< by the client's close_notify
    failed,
};

class dtls_session final : datagram_port {
  public:
    /// What a record takes.
    static constexpr std::size_t message_bytes_max = 16'384;

    /// Listens. Everything given outlives it; the context is one for DTLS.
    dtls_session(const tls_context& context, const cookie_authority& cookies, dtls_output& answers) noexcept;

    /// False when it failed, or the context's certificate has been renewed since it was made.
    [[nodiscard]] bool can_listen(const tls_context& context) const noexcept;
    /// One ClientHello. True: its cookie proves that `path` is its sender's, and the session is that path's
    /// from here on. False: it was answered with a cookie, or was none.
    [[nodiscard]] bool listen(monotonic_time now, const turn::client_path& path,
                              std::span<const std::byte> datagram) noexcept;
    /// After `listen` was true, once: the handshake goes on, through this output.
    void accept(dtls_output& output) noexcept;

    /// A datagram that `read` and the handshake make use of; it is copied by then.
    void take(std::span<const std::byte> datagram) noexcept;
    /// The next message of what was taken, decrypted to the front of `room`; nothing when there is none.
    [[nodiscard]] std::optional<std::span<const std::byte>> read(std::span<std::byte> room) noexcept;
    /// As one record. False when it fits none or the session is not open.
    [[nodiscard]] bool write(std::span<const std::byte> message) noexcept;

    /// Sends again what the client has not acknowledged in time, while the handshake lasts.
    void on_tick() noexcept;
    /// Tells the client.
    void close() noexcept;

    [[nodiscard]] dtls_state state() const noexcept { return state_; }

  private:
    friend struct cookie_callbacks;
    void send(std::span<const std::byte> datagram) noexcept override;
    void shake_hands() noexcept;
    void judge(int returned) noexcept;

    const cookie_authority& cookies_;
    dtls_output* output_;
    turn::client_path path_;
    monotonic_time heard_at_{};  ///< the ClientHello that it listens to
    dtls_state state_{dtls_state::handshake};
    ssl_pointer ssl_;
};

/// Makes a context ask for cookies and check them. Before it is used.
void ask_for_cookies(SSL_CTX* context) noexcept;

}  // namespace turnix::io
