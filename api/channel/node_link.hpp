// One connection to another node: it connects, shakes hands, asks one request after another, and ends when it
// has been idle for long, or when anything goes wrong, memory that cannot be had included.
//
// Thread of the io_context. It keeps itself alive until it has ended, which its owner hears.
#pragma once

#include "api/channel/channel_counters.hpp"
#include "api/http/byte_stream.hpp"
#include "api/http/response_reader.hpp"
#include "common/net/endpoint.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace turnix::channel {

/// The others' answers are pages, and sums by name: what is longer is no answer of theirs.
inline constexpr std::uint32_t answer_bytes_max = 4 * 1024 * 1024;

class node_link : public std::enable_shared_from_this<node_link> {
  public:
    static constexpr std::chrono::milliseconds setup_time{2'000};  ///< to connect and shake hands
    static constexpr std::chrono::milliseconds idle_time{20'000};  ///< shorter than a server's

    /// The answer, or nothing when there is none.
    using completion = std::function<void(std::optional<http::response>)>;
    struct events {
        std::function<void(const node_link&)> idle;   ///< ready for a request
        std::function<void(const node_link&)> ended;  ///< once; nothing follows
    };

    node_link(boost::asio::io_context& io, std::shared_ptr<boost::asio::ssl::context> tls,
              std::shared_ptr<channel_counters> counters, events told);

    /// Throws std::bad_alloc: then it has ended, without telling.
    void start(const net::endpoint& to);
    /// When it is idle; `done` is called once, and throws nothing. Whoever has waited long enough closes the
    /// link.
    void ask(std::string request, completion done);
    /// What was asked is answered with nothing.
    void close();

    [[nodiscard]] bool is_idle() const noexcept { return phase_ == phase::idle; }
    [[nodiscard]] bool is_setting_up() const noexcept { return phase_ == phase::setup; }
    /// Has the other end ever answered?
    [[nodiscard]] bool has_answered() const noexcept { return has_answered_; }

  private:
    enum class phase : std::uint8_t { setup, idle, asking, ended };

    /// As a handler, until the link has ended; what finds no memory ends it.
    template <class Step>
    auto later(Step step);
    void shake_hands(http::stream_socket connected);
    void let_go() noexcept;
    void note_end() noexcept;
    void become_idle();
    void wait(std::chrono::milliseconds time);
    void read();
    void on_bytes();

    boost::asio::steady_timer timer_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
    std::shared_ptr<channel_counters> counters_;
    events told_;
    http::stream_socket socket_;  ///< until it is the stream's
    std::unique_ptr<http::byte_stream> stream_;
    http::response_reader reader_;
    std::string request_;
    completion done_;
    phase phase_{phase::setup};
    bool has_answered_{false};
};

}  // namespace turnix::channel
