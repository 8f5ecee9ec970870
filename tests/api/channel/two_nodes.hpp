// Two nodes of a fleet that ask each other, in the thread of the test.
#pragma once

#include "api/channel/node_channel.hpp"
#include "common/crypto/random.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>

namespace turnix::channel {

inline crypto::secret<32> random_key() {
    crypto::secret<32> made;
    crypto::fill_random(std::as_writable_bytes(made.writable_bytes()));
    return made;
}

inline net::endpoint loopback(std::uint16_t port) {
    return {.address = net::address{net::address::v4_bytes{127, 0, 0, 1}}, .port = port};
}

/// A TCP port that is free now.
inline std::uint16_t free_port() {
    boost::asio::io_context io;
    return boost::asio::ip::tcp::acceptor{io, {boost::asio::ip::tcp::v4(), 0}}.local_endpoint().port();
}

struct party {
    crypto::secret<32> key{random_key()};
    net::endpoint address{loopback(free_port())};

    [[nodiscard]] gossip::known_node known() const {
        return {crypto::ed25519_key{key}.public_key(), address};
    }
};

inline http::request request_for(std::string path) {
    http::request made;
    made.path = std::move(path);
    return made;
}

/// Two nodes that know each other, in one thread.
struct two_nodes {
    std::unique_ptr<node_channel> open(const party& as, http::server::answerer answer) {
        auto made = std::make_unique<node_channel>(
            io, channel_options{.address = as.address, .key = as.key, .nodes = {one.known(), other.known()}},
            std::move(answer));
        made->start();
        return made;
    }
    /// Answers by the path, and notes who asked.
    http::server::answerer echo() {
        return [this](const http::request& asked) {
            asked_as.insert(asked.origin);
            asked_from.insert(asked.remote->port);
            ++requests;
            return http::json_response(200, asked.path);
        };
    }

    bool run_until(const std::function<bool()>& is_reached,
                   std::chrono::milliseconds within = std::chrono::milliseconds{10'000}) {
        const auto deadline = std::chrono::steady_clock::now() + within;
        while (!is_reached() && std::chrono::steady_clock::now() < deadline) {
            io.restart();
            run_one();
        }
        return is_reached();
    }

    /// As the daemon's threads do: memory that cannot be had costs what was at work.
    void run_one() {
        try {
            io.run_one_for(std::chrono::milliseconds{20});
        } catch (const std::bad_alloc&) {
        }
    }

    std::optional<http::response> ask(node_channel& from, const party& whom, std::string path = "/path") {
        std::optional<std::optional<http::response>> got;
        from.ask(whom.known().id, request_for(std::move(path)),
                 [&got](auto answer) { got = std::move(answer); });
        CHECK_FALSE(got.has_value());
        REQUIRE(run_until([&got] { return got.has_value(); }));
        return *got;
    }

    boost::asio::io_context io{1};
    party one;
    party other;
    std::set<http::origin> asked_as;
    std::set<std::uint16_t> asked_from;
    int requests{0};
};

}  // namespace turnix::channel
