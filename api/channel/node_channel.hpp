// The nodes' own way to each other beside the gossip: requests of the API over mutually authenticated TLS, at
// the gossip's addresses, on TCP.
//
//   node ── one connection, or up to node_client::links_max ──▶ each other node, when there is something to
//   ask
//
// A node that asks says for whom; the one that is asked believes it, because it is a node of the fleet.
// Thread of the io_context. Limits: server_limits as server_limits_of has them, node_link, node_client.
#pragma once

#include "api/channel/node_client.hpp"
#include "api/channel/pinned_tls.hpp"
#include "api/http/server.hpp"

#include <map>
#include <memory>
#include <vector>

namespace turnix::channel {

struct channel_options {
    net::endpoint address;
    crypto::secret<32> key;
    std::vector<gossip::known_node> nodes;  ///< this one among them
};

class node_channel {
  public:
    /// Binds and listens. `answer` is asked with origin::fleet_node, and must not throw. Throws
    /// std::runtime_error with address, reason and remedy.
    node_channel(boost::asio::io_context& io, const channel_options& options, http::server::answerer answer);
    ~node_channel();
    node_channel(const node_channel&) = delete;
    node_channel& operator=(const node_channel&) = delete;

    void start();
    /// Ends every connection; what is asked is answered with nothing. On the io_context's thread, or when it
    /// does not run.
    void stop();

    /// From here on these are the nodes. Who is none any more is not asked, and gets no answer. Without
    /// memory for it nothing has changed.
    void use(const std::vector<gossip::known_node>& nodes);

    /// `done` is called once, later, within node_client::answer_time: with nothing when the node does not
    /// answer, or is none of the fleet.
    void ask(const gossip::node_id& node, const http::request& what, node_link::completion done);

    [[nodiscard]] const gossip::node_id& own_id() const noexcept { return own_id_; }
    /// Any thread.
    [[nodiscard]] channel_totals totals() const noexcept { return counters_->totals(); }

  private:
    boost::asio::io_context& io_;
    crypto::secret<32> key_;
    std::shared_ptr<channel_counters> counters_{std::make_shared<channel_counters>()};
    std::shared_ptr<pinned_keys> others_{std::make_shared<pinned_keys>()};  ///< who may ask
    http::server server_;
    gossip::node_id own_id_;
    std::map<gossip::node_id, std::shared_ptr<node_client>> clients_;
};

}  // namespace turnix::channel
