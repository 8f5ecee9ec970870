// A relay that runs on loopback for a test, and credentials for it.
#pragma once

#include "common/credential/sealed_credential.hpp"
#include "relay/relay.hpp"
#include "tests/relay/io/engines.hpp"
#include "tests/relay/relay/relay_client.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace turnix::test {

inline net::endpoint endpoint(const char* text) { return net::endpoint::parse(text).value(); }

inline contract::relay_settings settings_for(std::vector<contract::listener_settings> listeners) {
    contract::relay_settings settings;
    settings.listeners = std::move(listeners);
    settings.workers = 2;
    settings.peers.unsafe_allow = {net::cidr::parse("127.0.0.0/8").value(), net::cidr::parse("::1").value()};
    return settings;
}

/// A relay that runs on the engine that the tests are run for, with keys to issue credentials under.
struct running_relay {
    explicit running_relay(contract::relay_settings settings,
                           const turn::alternate_servers* alternates = nullptr)
        : realm{settings.realm},
          node{{.settings = std::move(settings),
                .keys = keys,
                .engine = engine(),
                .own_addresses = {},
                .alternates = alternates}} {
        node.start();
    }
    net::endpoint address(std::size_t listener = 0) const { return node.listeners().at(listener).address; }
    relay_client client(std::size_t listener = 0) {
        const auto& at = node.listeners().at(listener);
        return {at.transport, at.address, issue(), realm};
    }
    credential::issued_credential issue() {
        const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
        credential::claims claims;
        claims.id = credential_id::random();
        claims.issued_at = now;
        claims.expires_at = now + std::chrono::seconds{60};
        claims.sessions_end_at = now + std::chrono::seconds{3600};
        claims.room = "room";
        return credential::credential_sealer{keys, realm}.issue(claims, now).value();
    }
    template <class Event>
    std::vector<Event> events() {
        std::vector<contract::session_event> all;
        node.take_events(all);
        std::vector<Event> found;
        for (auto& each : all) {
            if (auto* event = std::get_if<Event>(&each)) found.push_back(std::move(*event));
        }
        return found;
    }

    std::shared_ptr<const credential::key_ring> keys{std::make_shared<const credential::key_ring>(
        credential::key_ring::generate(instant::now(), std::chrono::days{1}))};
    std::string realm;
    relay::relay node;
};

}  // namespace turnix::test
