// Asks one other node: over connections that are opened when they are needed and kept while they are, after
// failures only now and then.
//
// Thread of the io_context, which outlives it.
#pragma once

#include "api/channel/node_link.hpp"
#include "api/fleet/gossip/identity.hpp"
#include "common/clock/instant.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace turnix::channel {

class node_client : public std::enable_shared_from_this<node_client> {
  public:
    static constexpr std::size_t links_max = 4;
    static constexpr std::size_t waiting_max = 64;  ///< requests; more are not asked
    static constexpr std::chrono::milliseconds answer_time{900};
    static constexpr std::chrono::milliseconds pause_least{100};  ///< doubled with each failure
    static constexpr std::chrono::milliseconds pause_most{2'000};

    /// `tls` expects this node's key and no other.
    node_client(boost::asio::io_context& io, std::shared_ptr<boost::asio::ssl::context> tls,
                const net::endpoint& address, std::shared_ptr<channel_counters> counters);

    /// `done` is called once, later, within answer_time; never when this throws std::bad_alloc. Memory that
    /// `done` does not get costs what it is for.
    void ask(std::string request, node_link::completion done);
    /// Ends every connection; what is asked is answered with nothing.
    void stop();

    [[nodiscard]] std::size_t links() const noexcept { return links_.size(); }
    [[nodiscard]] const net::endpoint& address() const noexcept { return address_; }

  private:
    struct question;
    using question_pointer = std::shared_ptr<question>;

    /// As far as there is memory: what waits then is asked at the next occasion, within its time.
    void give_out();
    void give_to_idle();
    void open_links();
    /// The first that waits.
    void give(const std::shared_ptr<node_link>& to);
    void on_idle(const node_link& which);
    void on_ended(const node_link& which);
    void on_time_over(const question_pointer& what);
    void refuse_waiting();
    /// Once; what comes afterwards counts for nothing.
    void end(const question_pointer& what, request_outcome outcome,
             std::optional<http::response> answer = {});

    boost::asio::io_context& io_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
    net::endpoint address_;
    std::shared_ptr<channel_counters> counters_;
    std::vector<std::shared_ptr<node_link>> links_;
    std::deque<question_pointer> waiting_;
    std::chrono::milliseconds pause_{0};  ///< zero while the node can be reached
    monotonic_time paused_until_;
};

}  // namespace turnix::channel
