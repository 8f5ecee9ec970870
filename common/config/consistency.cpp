#include "common/config/consistency.hpp"

#include "common/config/certificate_check.hpp"
#include "common/config/database_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace turnix::config {
namespace {

using net::transport;

constexpr std::string_view listeners_key = "relay.listeners";
constexpr std::string_view addresses_key = "relay.addresses";

/// Is one listener named twice? TCP and TLS may share a port, UDP and DTLS another.
bool collide(const contract::listener_settings& a, const contract::listener_settings& b) noexcept {
    return a.address == b.address && a.address.port != 0 && a.transport == b.transport;
}

void check_secured_listeners(configuration& loaded) {
    const auto& relay = loaded.values.relay;
    const auto has = [&](transport wanted) {
        return std::ranges::any_of(relay.listeners,
                                   [&](const auto& listener) { return listener.transport == wanted; });
    };
    if ((has(transport::tls) || has(transport::dtls)) && !relay.tls) {
        loaded.refuse(
            listeners_key,
            fmt::format("has a {} listener, which needs a certificate", has(transport::tls) ? "TLS" : "DTLS"),
            "give relay.tls.certificate and relay.tls.private_key, or remove the listener");
    }
    if (has(transport::dtls) && !relay.dtls_enabled) {
        loaded.refuse(listeners_key, "has a DTLS listener, and DTLS is not enabled",
                      "set relay.dtls.enabled: true, or remove the listener");
    }
}

void check_listeners(configuration& loaded) {
    if (loaded.is_refused(listeners_key)) return;
    const auto& listeners = loaded.values.relay.listeners;
    if (listeners.empty()) {
        loaded.refuse(listeners_key, "names no listener",
                      "give at least one, such as [{transport: udp, address: \"127.0.0.1:3478\"}]");
    }
    for (auto current = listeners.begin(); current != listeners.end(); ++current) {
        const auto name = fmt::format("{} {}", to_string(current->transport), current->address.to_string());
        const auto same = [&](const auto& other) { return collide(*current, other); };
        if (std::find_if(std::next(current), listeners.end(), same) != listeners.end()) {
            loaded.refuse(listeners_key, fmt::format("has two listeners on {}", name),
                          "give each its own port");
        }
        if (net::is_stream(current->transport) && current->address.port != 0 &&
            current->address == loaded.values.api.address) {
            loaded.refuse(listeners_key, fmt::format("has {}, which is api.address", name),
                          "give each its own port");
        }
    }
    check_secured_listeners(loaded);
}

void check_relay_addresses(configuration& loaded) {
    const auto& addresses = loaded.values.relay.addresses;
    for (auto current = addresses.begin(); current != addresses.end(); ++current) {
        const auto& [local, external] = *current;
        const auto is_same = [&](const auto& earlier) { return earlier.local == current->local; };
        if (std::any_of(addresses.begin(), current, is_same)) {
            loaded.refuse(addresses_key, fmt::format("has {} twice", local.to_string()),
                          "name each address of this machine once");
        }
        if (local.is_unspecified()) {
            loaded.refuse(addresses_key,
                          fmt::format("has {}, which is no address of its own", local.to_string()),
                          "name the addresses of this machine, or give auto");
        }
        if (external && external->family() != local.family()) {
            loaded.refuse(addresses_key,
                          fmt::format("tells clients of {} the {} address {}", local.to_string(),
                                      to_string(external->family()), external->to_string()),
                          fmt::format("give an external address that is {}", to_string(local.family())));
        }
    }
}

void check_nat_discovery(configuration& loaded) {
    constexpr std::string_view primary_key = "relay.nat_discovery.primary";
    constexpr std::string_view alternate_key = "relay.nat_discovery.alternate";
    const auto& discovery = loaded.values.relay.nat_discovery;
    if (!discovery || loaded.is_refused(primary_key) || loaded.is_refused(alternate_key)) return;
    const auto& [primary, alternate] = *discovery;
    if (alternate == net::endpoint{}) {
        return loaded.refuse(primary_key, "is alone", fmt::format("give {} too", alternate_key));
    }
    if (primary == net::endpoint{}) {
        return loaded.refuse(alternate_key, "is alone", fmt::format("give {} too", primary_key));
    }
    for (const auto& [key, place] : {std::pair{primary_key, primary}, std::pair{alternate_key, alternate}}) {
        if (place.address.is_unspecified() || place.port == 0) {
            loaded.refuse(key, "is not one address with one port",
                          "name an address of this machine and a port");
        }
    }
    if (primary.address == alternate.address || primary.port == alternate.port ||
        primary.address.family() != alternate.address.family()) {
        loaded.refuse(alternate_key, fmt::format("does not go with {}", primary.to_string()),
                      "give another address of the same family, and another port");
    }
}

/// `least_key` and `most_key` hold the two ends of a range.
template <class Value>
void check_order(configuration& loaded, std::string_view least_key, Value least,
                 std::pair<std::string_view, Value> most) {
    if (loaded.is_refused(least_key) || loaded.is_refused(most.first) || !(most.second < least)) return;
    // What was written is at fault, not a default.
    const auto at_fault = loaded.written.contains(least_key) ? least_key : most.first;
    loaded.refuse(at_fault, fmt::format("makes {} greater than {}", least_key, most.first),
                  fmt::format("give {} at most {}", least_key, most.first));
}

void check_ranges(configuration& loaded) {
    const auto& relay = loaded.values.relay;
    const auto& api = loaded.values.api;
    check_order(loaded, "relay.ports.first", relay.ports.first, {"relay.ports.last", relay.ports.last});
    check_order(loaded, "relay.lifetime.default_s", relay.lifetime_default,
                {"relay.lifetime.max_s", relay.lifetime_max});
    check_order(loaded, "api.credentials.ttl_default_s", api.ttl_default,
                {"api.credentials.ttl_max_s", api.ttl_max});
    const auto& nat64 = relay.peers.nat64_prefix;
    if (nat64 && (!nat64->prefix().is_v6() || nat64->length() != 96)) {
        loaded.refuse("relay.peers.nat64_prefix", "is not an IPv6 /96",
                      "give the network's NAT64 prefix, such as 64:ff9b::/96");
    }
}

void check_tls(configuration& loaded, std::string_view section,
               const std::optional<contract::tls_settings>& tls) {
    if (!tls) return;
    const auto certificate_key = fmt::format("{}.certificate", section);
    const auto private_key_key = fmt::format("{}.private_key", section);
    if (tls->certificate.empty()) {
        return loaded.refuse(private_key_key, "has no certificate", fmt::format("give {}", certificate_key));
    }
    if (tls->private_key.empty()) {
        return loaded.refuse(certificate_key, "has no private key", fmt::format("give {}", private_key_key));
    }
    if (auto found = check_certificate(*tls)) {
        loaded.refuse(found->file == certificate_file::certificate ? certificate_key : private_key_key,
                      std::move(found->problem), std::move(found->remedy));
    }
}

void check_api(configuration& loaded) {
    const auto& api = loaded.values.api;
    if (api.address.address.is_loopback() || api.tls || api.allow_plain_http) return;
    loaded.refuse("api.address", "is not a loopback address, and plain HTTP there shows every token",
                  "give api.tls.certificate and api.tls.private_key, or set api.allow_plain_http: true");
}

void check_upstream(configuration& loaded) {
    constexpr std::string_view key = "store.upstream";
    const auto& store = loaded.values.store;
    if (store.upstream.empty()) return;
    if (has_password(store.upstream)) {
        loaded.refuse(key, "has a password in it, which everybody who reads this would know",
                      "put the whole address into a file of mode 0600 and name it as store.upstream_file");
        loaded.faults.back().value = without_secret(store.upstream);
    } else if (!store.upstream.starts_with("postgresql://") && !store.upstream.starts_with("postgres://")) {
        loaded.refuse(key, "is no address of a PostgreSQL database", "give postgresql://HOST/NAME");
    } else if (store.upstream_file) {
        loaded.refuse(key, "is given, and store.upstream_file too", "give one of them");
    }
}

}  // namespace

void check_consistency(configuration& loaded) {
    check_listeners(loaded);
    check_relay_addresses(loaded);
    check_nat_discovery(loaded);
    check_ranges(loaded);
    check_tls(loaded, "relay.tls", loaded.values.relay.tls);
    check_tls(loaded, "api.tls", loaded.values.api.tls);
    check_api(loaded);
    check_upstream(loaded);
}

}  // namespace turnix::config
