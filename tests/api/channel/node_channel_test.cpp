#include "api/channel/node_channel.hpp"

#include "api/channel/pinned_tls.hpp"
#include "tests/api/channel/two_nodes.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>

using namespace turnix;
using namespace turnix::channel;
using std::chrono::milliseconds;
using tcp = boost::asio::ip::tcp;

namespace {

constexpr std::string_view request_text = "GET /path HTTP/1.1\r\nHost: node\r\n\r\n";

/// What a client gets that speaks TLS like this.
std::string answer_over(two_nodes& nodes, boost::asio::ssl::context& tls, const net::endpoint& at) {
    boost::asio::ssl::stream<tcp::socket> stream{nodes.io, tls};
    stream.lowest_layer().connect({boost::asio::ip::make_address("127.0.0.1"), at.port});
    std::string got;
    std::array<char, 512> piece{};
    bool has_ended{false};
    const auto on_read = [&](boost::system::error_code, std::size_t bytes) {
        got.append(piece.data(), bytes);
        has_ended = true;
    };
    stream.async_handshake(boost::asio::ssl::stream_base::client, [&](boost::system::error_code failed) {
        if (failed) {
            has_ended = true;
            return;
        }
        boost::asio::async_write(stream, boost::asio::buffer(request_text), [](auto, std::size_t) {});
        stream.async_read_some(boost::asio::buffer(piece), on_read);
    });
    CHECK(nodes.run_until([&] { return has_ended; }));
    boost::system::error_code ignored;
    stream.lowest_layer().close(ignored);
    nodes.io.restart();
    nodes.io.poll();
    return got;
}

}  // namespace

TEST_CASE_METHOD(two_nodes, "a node asks another one, again over the connection that it has", "[channel]") {
    const auto asking = open(one, echo());
    const auto asked = open(other, echo());
    for (const auto* const path : {"/first", "/second?x=1"}) {
        const auto answer = ask(*asking, other, path);
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body == std::string{path}.substr(0, std::string{path}.find('?')));
    }
    CHECK(asked_as == std::set{http::origin::fleet_node});
    CHECK(asked_from.size() == 1);
}

TEST_CASE_METHOD(two_nodes, "who has no pinned key gets no answer, and nothing is asked",
                 "[channel][security]") {
    const auto asked = open(other, echo());
    const auto server_only = std::make_shared<const pinned_keys>(pinned_keys{other.known().key});
    SECTION("another key") {
        const auto tls = make_pinned_tls(random_key(), server_only);
        CHECK(answer_over(*this, *tls, other.address).empty());
    }
    SECTION("the node's own key") {
        const auto tls = make_pinned_tls(other.key, server_only);
        CHECK(answer_over(*this, *tls, other.address).empty());
    }
    SECTION("no certificate") {
        boost::asio::ssl::context tls{boost::asio::ssl::context::tlsv13_client};
        CHECK(answer_over(*this, tls, other.address).empty());
    }
    SECTION("TLS 1.2") {
        boost::asio::ssl::context tls{boost::asio::ssl::context::tlsv12_client};
        CHECK(answer_over(*this, tls, other.address).empty());
    }
    SECTION("plain TCP") {
        tcp::socket socket{io};
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), other.address.port});
        boost::asio::write(socket, boost::asio::buffer(request_text));
        std::string got(4096, '\0');
        std::optional<std::size_t> bytes;
        socket.async_read_some(boost::asio::buffer(got), [&](auto, std::size_t n) { bytes = n; });
        REQUIRE(run_until([&] { return bytes.has_value(); }));
        CHECK(got.substr(0, *bytes).find("HTTP") == std::string::npos);
    }
    CHECK(requests == 0);
    SECTION("a pinned one does") {
        const auto tls = make_pinned_tls(one.key, server_only);
        CHECK(answer_over(*this, *tls, other.address).starts_with("HTTP/1.1 200"));
        CHECK(requests == 1);
    }
}

TEST_CASE_METHOD(two_nodes, "a node asks nobody else in the place of the one it means",
                 "[channel][security]") {
    const auto asking = open(one, echo());
    auto impostor = other;
    impostor.key = random_key();
    const auto asked = open(impostor, echo());
    CHECK_FALSE(ask(*asking, other));
    CHECK(requests == 0);
}

TEST_CASE_METHOD(two_nodes, "a node that is away costs an attempt now and then, and is found again",
                 "[channel]") {
    const auto asking = open(one, echo());
    CHECK_FALSE(ask(*asking, other));
    CHECK_FALSE(ask(*asking, other));
    const auto asked = open(other, echo());
    CHECK(run_until([&] { return ask(*asking, other).has_value(); }));
}

TEST_CASE_METHOD(two_nodes, "an answer that is late is none, and not taken for the next", "[channel]") {
    http::responder late;
    const auto asking = open(one, echo());
    const auto asked = open(other, [&](const http::request& what) {
        if (what.path != "/slow") return http::json_response(200, what.path);
        return http::response{.later = [&late](http::responder to) { late = std::move(to); }};
    });
    REQUIRE(ask(*asking, other, "/quick"));
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(ask(*asking, other, "/slow"));
    CHECK(std::chrono::steady_clock::now() - begin < milliseconds{2'000});
    REQUIRE(late);
    late(http::json_response(200, "late"));
    CHECK(ask(*asking, other, "/quick").value().body == "/quick");
}

TEST_CASE_METHOD(two_nodes, "many questions share a few connections, and more than can wait are refused",
                 "[channel]") {
    const auto asking = open(one, echo());
    const auto asked = open(other, echo());
    std::size_t answered{0};
    std::size_t refused{0};
    constexpr std::size_t questions = node_client::waiting_max + 10;
    for (std::size_t i = 0; i < questions; ++i) {
        asking->ask(other.known().id, request_for("/path"),
                    [&](const auto& answer) { ++(answer ? answered : refused); });
    }
    CHECK(run_until([&] { return answered + refused == questions; }));
    CHECK(refused == 10);
    CHECK(asked_from.size() <= node_client::links_max);
}

TEST_CASE_METHOD(two_nodes, "a node that nobody knows is not asked", "[channel]") {
    const auto asking = open(one, echo());
    CHECK_FALSE(ask(*asking, party{}));
}

TEST_CASE_METHOD(two_nodes, "a node that is added is asked, and one that is taken away has no say",
                 "[channel]") {
    const auto asking = open(one, echo());
    const auto asked = open(other, echo());
    asking->use({one.known()});
    CHECK_FALSE(ask(*asking, other));
    asking->use({one.known(), other.known()});
    CHECK(ask(*asking, other));

    asked->use({other.known()});
    const auto before = requests;
    CHECK_FALSE(ask(*asking, other));
    CHECK(requests == before);
    asked->use({one.known(), other.known()});
    CHECK(run_until([&] { return ask(*asking, other).has_value(); }));
}

TEST_CASE_METHOD(two_nodes, "what became of connections and questions is counted", "[channel]") {
    http::responder late;
    const auto asking = open(one, echo());
    const auto requests_of = [&](request_outcome which) {
        return asking->totals().requests.at(static_cast<std::size_t>(which));
    };
    const auto connections_of = [&](connection_event which) {
        return asking->totals().connections.at(static_cast<std::size_t>(which));
    };
    CHECK_FALSE(ask(*asking, other));
    CHECK_FALSE(ask(*asking, other));
    CHECK(requests_of(request_outcome::unreachable) == 2);
    CHECK(connections_of(connection_event::unreachable) >= 1);

    auto asked = open(other, [this, &late](const http::request& what) {
        if (what.path != "/slow") return echo()(what);
        return http::response{.later = [&late](http::responder to) { late = std::move(to); }};
    });
    CHECK(run_until([&] { return requests_of(request_outcome::answered) > 0 || ask(*asking, other); }));
    CHECK(requests_of(request_outcome::answered) == 1);
    CHECK(asking->totals().answers.count() == 1);
    CHECK(connections_of(connection_event::opened) == 1);
    CHECK(connections_of(connection_event::closed) == 0);
    CHECK_FALSE(ask(*asking, other, "/slow"));
    CHECK(requests_of(request_outcome::late) == 1);
    CHECK(connections_of(connection_event::closed) == 1);

    auto others_place = other;
    others_place.key = random_key();
    asked = nullptr;
    asked = open(others_place, echo());
    CHECK(run_until(
        [&] { return !ask(*asking, other) && connections_of(connection_event::handshake_failed) > 0; }));
}
