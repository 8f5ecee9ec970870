// Three nodes of a fleet as the first of them sees it, joined by the test instead of by a network.
#pragma once

#include "api/fleet/gossip/agent.hpp"
#include "api/fleet/node_key.hpp"
#include "api/fleet/region_directory.hpp"
#include "tests/api/fleet/relay_stub.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace turnix::fleet {

inline crypto::secret<32> seed(std::uint8_t value) { return crypto::secret<32>{{value}}; }

/// This node in region `here`, two others there and in `there`, joined by the test instead of by a network.
struct gossiping_fleet {
    static constexpr std::uint16_t first_port = 7'001;

    std::string regions() const {
        std::string text{"regions:\n"};
        const auto node = [&](std::uint8_t which) {
            return fmt::format("{{host: n{}, udp: 1, gossip: \"192.0.2.1:{}\", public_key: {}}}", which,
                               first_port + which, to_text(crypto::ed25519_key{seed(which)}.public_key()));
        };
        const auto region = [&](const char* slug, const std::string& nodes) {
            text += fmt::format(
                "  - {{slug: {}, country: DE, city: C, name: N, lat: 0, lon: 0, "
                "assume_online: true, nodes: [{}]}}\n",
                slug, nodes);
        };
        region("here", node(0));
        region("there", node(1) + ", " + node(2));
        region("elsewhere", "{host: silent, tcp: 2}");
        return text;
    }

    gossiping_fleet() {
        for (std::uint8_t which = 0; which < agents.size(); ++which) start(which);
        run(std::chrono::seconds{3});
    }
    void start(std::uint8_t which) {
        agents[which] = std::make_unique<gossip::agent>(
            gossip::agent_options{.key = seed(which),
                                  .nodes = directory.gossipers(),
                                  .keys = keys,
                                  .incarnation = std::uint64_t{++starts} << 32U,
                                  .status = {.sessions_max = 10, .ports = {.udp = 3478, .tls = 443}},
                                  .random =
                                      [](std::span<std::byte> bytes) {
                                          static std::uint8_t next = 0;
                                          for (auto& each : bytes) each = std::byte{++next};
                                      }},
            time());
    }
    instant time() const {
        return {.monotonic = now, .wall = wall_time{now.time_since_epoch() + std::chrono::hours{1'000}}};
    }
    void run(gossip::interval length) {
        for (const auto end = now + length; now < end; now += gossip::tick) {
            for (auto& each : agents) {
                if (each) each->on_tick(time());
            }
            for (auto& each : agents) {
                if (!each) continue;
                for (const auto& sent : each->take_outgoing()) {
                    auto& to = agents[sent.to.port - first_port];
                    if (to) to->on_datagram(sent.datagram, time());
                }
            }
        }
        const auto& self = *agents.front();
        directory.heed(std::make_shared<const fleet_view>(
            gossip_look{.members = self.members(),
                        .paths = std::make_shared<const std::vector<gossip::measured_path>>(self.paths()),
                        .is_minority = self.is_minority()}));
    }
    /// Runs until it holds, at most so long.
    template <class Condition>
    bool run_until(gossip::interval at_most, const Condition& holds) {
        for (const auto end = now + at_most; now < end && !holds();) run(gossip::tick);
        return holds();
    }
    gossip::node_id id(std::uint8_t which) const {
        return gossip::node_id_of(crypto::ed25519_key{seed(which)}.public_key());
    }
    region_state state(const char* slug) const { return directory.state_of(*directory.find(slug)); }

    monotonic_time now{std::chrono::hours{1}};
    relay_stub relay;
    region_directory directory{*region_catalogue::parse(regions(), "regions.yaml"), "here", relay};
    gossip::key_ring_pointer keys{std::make_shared<const credential::key_ring>(
        credential::key_ring::generate(time(), std::chrono::days{1}))};
    std::uint32_t starts{0};
    std::array<std::unique_ptr<gossip::agent>, 3> agents;
};

}  // namespace turnix::fleet
