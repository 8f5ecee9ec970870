#include "api/channel/node_channel.hpp"

#include "api/fleet/gossip/limits.hpp"
#include "api/http/message_writer.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace turnix::channel {

namespace {

/// In requests between nodes, where no name leads anywhere.
constexpr std::string_view host = "node";

http::server_settings server_settings_of(const std::vector<gossip::known_node>& nodes) {
    http::server_settings made;
    made.limits.header_time = std::chrono::milliseconds{3'000};
    made.limits.connections_max =
        static_cast<std::uint32_t>(gossip::nodes_max * node_client::links_max) + made.limits.strangers_max;
    std::ranges::transform(nodes, std::back_inserter(made.expected),
                           [](const gossip::known_node& each) { return each.address.address; });
    return made;
}

}  // namespace

node_channel::node_channel(boost::asio::io_context& io, const channel_options& options,
                           http::server::answerer answer)
    : io_{io},
      key_{options.key},
      server_{io, server_settings_of(options.nodes),
              [answer = std::move(answer)](const http::request& asked) {
                  auto from_node = asked;
                  from_node.origin = http::origin::fleet_node;
                  return answer(from_node);
              }},
      own_id_{gossip::node_id_of(crypto::ed25519_key{options.key}.public_key())} {
    use(options.nodes);
    server_.listen(options.address, make_pinned_tls(options.key, others_));
}

node_channel::~node_channel() { stop(); }

void node_channel::start() { server_.start(); }

void node_channel::stop() {
    server_.stop();
    for (const auto& [id, client] : clients_) client->stop();
}

void node_channel::use(const std::vector<gossip::known_node>& nodes) {
    pinned_keys keys;
    std::map<gossip::node_id, std::shared_ptr<node_client>> clients;
    for (const auto& each : nodes) {
        if (each.id == own_id_) continue;
        keys.push_back(each.key);
        const auto known = clients_.find(each.id);
        if (known != clients_.end() && known->second->address() == each.address) {
            clients.insert(*known);
            continue;
        }
        const auto only = std::make_shared<const pinned_keys>(pinned_keys{each.key});
        clients.emplace(each.id, std::make_shared<node_client>(io_, make_pinned_tls(key_, only), each.address,
                                                               counters_));
    }
    server_.change(server_settings_of(nodes));
    *others_ = std::move(keys);
    clients_.swap(clients);
    bool is_fewer = false;
    for (const auto& [id, former] : clients) {
        const auto kept = clients_.find(id);
        if (kept != clients_.end() && kept->second == former) continue;
        former->stop();
        is_fewer = true;
    }
    if (is_fewer) server_.end_connections();
}

void node_channel::ask(const gossip::node_id& node, const http::request& what, node_link::completion done) {
    const auto known = clients_.find(node);
    if (known == clients_.end()) {
        boost::asio::post(io_, [done = std::move(done)] { done(std::nullopt); });
        return;
    }
    known->second->ask(to_wire(what, host), std::move(done));
}

}  // namespace turnix::channel
