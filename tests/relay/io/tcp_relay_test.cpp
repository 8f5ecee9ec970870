// RFC 6062 over sockets: connections with peers from and to one relay port, and pairs of connections.
#include "relay/io/tcp_relay.hpp"

#include "relay/io/port_pool.hpp"
#include "tests/relay/io/tcp_client.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>

using namespace turnix;
using namespace std::chrono_literals;
using bytes = std::vector<std::byte>;

namespace {

net::endpoint at(const char* text) { return net::endpoint::parse(text).value(); }

/// What a listener of the test's own has accepted.
class accepted {
  public:
    explicit accepted(const io::file_descriptor& listener)
        : socket_{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)} {}

    int native() const noexcept { return socket_.get(); }
    net::endpoint peer() const {
        sockaddr_storage address{};
        socklen_t length = sizeof address;
        ::getpeername(socket_.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), &length);
        return net::from_sockaddr(address, length).value();
    }

  private:
    io::file_descriptor socket_;
};

io::file_descriptor listen_on(const char* address, int backlog = 16) {
    auto socket = io::open_tcp_listener(at(address), io::port_sharing::exclusive).value();
    ::listen(socket.get(), backlog);
    return socket;
}

struct arrival {
    net::endpoint peer;
    std::unique_ptr<io::peer_socket> connection;
};

struct recording_sink : io::peer_port_sink {
    void on_peer_accepted(turn::relay_handle /*at*/, const net::endpoint& peer,
                          std::unique_ptr<io::peer_socket> connection) noexcept override {
        arrivals.push_back({peer, std::move(connection)});
    }
    void on_peer_connected(turn::relay_handle /*from*/, const net::endpoint& peer,
                           std::unique_ptr<io::peer_socket> connection) noexcept override {
        outcomes.push_back({peer, std::move(connection)});
    }
    std::vector<arrival> arrivals;
    std::vector<arrival> outcomes;
};

struct relay_under_test {
    bool run_until(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + 5s;
        while (!holds()) {
            if (std::chrono::steady_clock::now() >= deadline) return false;
            context.run_for(1ms);
        }
        return true;
    }
    /// A free port for TCP on that address.
    net::endpoint open(const char* address) {
        const auto local = io::bound_endpoint(listen_on(address));
        REQUIRE_FALSE(relay.open({0}, local).has_value());
        return local;
    }

    boost::asio::io_context context{1};
    recording_sink sink;
    io::tcp_relay relay{context, sink};
};

void set_non_blocking(int socket) { ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK); }

/// Sends until nothing more is taken; how much was.
std::size_t fill(int socket, relay_under_test& with) {
    const bytes chunk(65'536, std::byte{7});
    std::size_t total = 0;
    for (int idle = 0; idle < 50;) {
        const auto sent = ::send(socket, chunk.data(), chunk.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        idle = sent > 0 ? 0 : idle + 1;
        if (sent > 0) total += static_cast<std::size_t>(sent);
        with.context.run_for(1ms);
    }
    return total;
}

/// Reads until so much has come, or nothing comes any more.
std::size_t drain(int socket, std::size_t wanted, relay_under_test& with) {
    bytes into(65'536);
    std::size_t total = 0;
    with.run_until([&] {
        const auto count = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
        if (count > 0) total += static_cast<std::size_t>(count);
        return total >= wanted || count == 0;
    });
    return total;
}

bytes receive(int socket, relay_under_test& with) {
    bytes into(1'024);
    ssize_t count = -1;
    with.run_until([&] {
        count = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
        return count >= 0;
    });
    into.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return into;
}

bool reads_end(int socket, relay_under_test& with) {
    std::byte one{};
    return with.run_until([&] { return ::recv(socket, &one, 1, MSG_DONTWAIT) == 0; });
}

void send(int socket, std::string_view text) { ::send(socket, text.data(), text.size(), MSG_NOSIGNAL); }

bytes bytes_of(std::string_view text) {
    const auto view = std::as_bytes(std::span{text});
    return {view.begin(), view.end()};
}

/// A client and a peer, and the pair between them.
struct pair_under_test : relay_under_test {
    explicit pair_under_test(bytes received = {}, bytes unsent = {}) {
        const auto clients = listen_on("127.21.0.1:0");
        client = std::make_unique<test::tcp_client>(io::bound_endpoint(clients));
        io::file_descriptor of_client{::accept4(clients.get(), nullptr, nullptr, SOCK_NONBLOCK)};
        const auto peers = listen_on("127.21.0.1:0");
        peer = std::make_unique<test::tcp_client>(io::bound_endpoint(peers));
        io::file_descriptor of_peer{::accept4(peers.get(), nullptr, nullptr, SOCK_NONBLOCK)};
        auto pair = relay.serve({.stream = std::make_unique<io::peer_socket>(std::move(of_peer)),
                                 .meter = meter,
                                 .holder = nullptr});
        auto channel = io::make_tcp_channel(of_client.get());
        pair->take_over({.socket = std::move(of_client),
                         .channel = std::move(channel),
                         .received = std::move(received),
                         .unsent = std::move(unsent)});
    }

    std::shared_ptr<turn::connection_meter> meter{std::make_shared<turn::connection_meter>()};
    std::unique_ptr<test::tcp_client> client;
    std::unique_ptr<test::tcp_client> peer;
};

}  // namespace

TEST_CASE("RFC 6062 5.2: connections leave from the relayed address and port, several at once", "[io][tcp]") {
    relay_under_test with;
    const auto* const address = GENERATE("127.21.0.2:0", "[::1]:0");
    const auto local = with.open(address);
    const auto* const any = local.address.is_v4() ? "127.21.0.3:0" : "[::1]:0";
    const auto first = listen_on(any);
    const auto second = listen_on(any);
    CHECK(with.relay.connect({0}, io::bound_endpoint(first)));
    CHECK(with.relay.connect({0}, io::bound_endpoint(second)));
    REQUIRE(with.run_until([&] { return with.sink.outcomes.size() == 2; }));
    CHECK(accepted{first}.peer() == local);
    CHECK(accepted{second}.peer() == local);
    for (const auto& each : with.sink.outcomes) CHECK(each.connection != nullptr);

    // And it still listens.
    const test::tcp_client peer{local};
    CHECK(with.run_until([&] { return with.sink.arrivals.size() == 1; }));
}

TEST_CASE("RFC 6062 5.2: a connection that is refused, or takes 30 s, has failed", "[io][tcp]") {
    relay_under_test with;
    with.open("127.21.0.4:0");
    SECTION("refused") {
        const auto nobody = io::bound_endpoint(listen_on("127.21.0.3:0"));
        CHECK(with.relay.connect({0}, nobody));
        REQUIRE(with.run_until([&] { return with.sink.outcomes.size() == 1; }));
        CHECK(with.sink.outcomes[0].peer == nobody);
    }
    SECTION("no answer") {
        const auto busy = listen_on("127.21.0.3:0", 0);
        const auto to = io::bound_endpoint(busy);
        const test::tcp_client queued{to};
        CHECK(with.relay.connect({0}, to));
        with.context.run_for(20ms);
        with.relay.on_tick(monotonic_time{100s});
        with.relay.on_tick(monotonic_time{129s});
        CHECK(with.sink.outcomes.empty());
        with.relay.on_tick(monotonic_time{130s});
        REQUIRE(with.sink.outcomes.size() == 1);
    }
    CHECK(with.sink.outcomes[0].connection == nullptr);
}

TEST_CASE("the port of a listener for peers is nobody else's", "[io][tcp]") {
    relay_under_test with;
    const auto local = with.open("127.21.0.5:0");
    CHECK(io::open_peer_listener(local).error() == io::bind_error::in_use);
    CHECK(io::open_tcp_listener(local, io::port_sharing::exclusive).error() == io::bind_error::in_use);
    with.relay.close({0});
    CHECK(io::open_peer_listener(local).has_value());
}

TEST_CASE("nothing comes of a port that is closed", "[io][tcp]") {
    relay_under_test with;
    const auto local = with.open("127.21.0.6:0");
    const auto listener = listen_on("127.21.0.3:0");
    REQUIRE(with.relay.connect({0}, io::bound_endpoint(listener)));
    const test::tcp_client peer{local};
    with.relay.close({0});
    with.context.run_for(20ms);
    CHECK(with.sink.arrivals.empty());
    CHECK(with.sink.outcomes.empty());
    CHECK_FALSE(with.relay.connect({0}, io::bound_endpoint(listener)));
}

TEST_CASE("RFC 6062 5.2: what a peer sends early is kept within a bound, and arrives", "[io][tcp]") {
    relay_under_test with;
    const auto local = with.open("127.21.0.7:0");
    const test::tcp_client peer{local};
    REQUIRE(with.run_until([&] { return with.sink.arrivals.size() == 1; }));
    set_non_blocking(peer.native());
    const auto early = fill(peer.native(), with);
    CHECK(early > 10'000);
    CHECK(early < 16U * 1024 * 1024);  // the kernel's two buffers

    const auto clients = listen_on("127.21.0.1:0");
    const test::tcp_client client{io::bound_endpoint(clients)};
    io::file_descriptor of_client{::accept4(clients.get(), nullptr, nullptr, SOCK_NONBLOCK)};
    auto channel = io::make_tcp_channel(of_client.get());
    auto meter = std::make_shared<turn::connection_meter>();
    with.relay
        .serve({.stream = std::move(with.sink.arrivals[0].connection), .meter = meter, .holder = nullptr})
        ->take_over(
            {.socket = std::move(of_client), .channel = std::move(channel), .received = {}, .unsent = {}});
    CHECK(drain(client.native(), early, with) == early);
    CHECK(meter->total().downlink == early);
}

TEST_CASE("RFC 6062 5.4: bytes go both ways, after what was on its way already", "[io][tcp]") {
    pair_under_test with{bytes_of("behind the bind "), bytes_of("the answer ")};
    CHECK(receive(with.client->native(), with) == bytes_of("the answer "));
    CHECK(receive(with.peer->native(), with) == bytes_of("behind the bind "));
    send(with.client->native(), "up");
    send(with.peer->native(), "down");
    CHECK(receive(with.peer->native(), with) == bytes_of("up"));
    CHECK(receive(with.client->native(), with) == bytes_of("down"));
    // The answer is no payload.
    CHECK(with.meter->total().uplink == 18);
    CHECK(with.meter->total().downlink == 4);
}

TEST_CASE("a side that takes nothing stops the other one, and loses nothing", "[io][tcp]") {
    pair_under_test with;
    const bool up = GENERATE(true, false);
    const auto& from = up ? *with.client : *with.peer;
    const auto& to = up ? *with.peer : *with.client;
    const auto taken = fill(from.native(), with);
    CHECK(taken < 32U * 1024 * 1024);  // the kernel's buffers on both sides, and one read
    // The other direction goes on.
    send(to.native(), "still here");
    CHECK(receive(from.native(), with) == bytes_of("still here"));
    CHECK(drain(to.native(), taken, with) == taken);
    const auto total = with.meter->total();
    CHECK((up ? total.uplink : total.downlink) == taken);
}

TEST_CASE("the end of one direction is passed on, and the other one goes on", "[io][tcp]") {
    pair_under_test with;
    const bool up = GENERATE(true, false);
    const auto& first = up ? *with.client : *with.peer;
    const auto& second = up ? *with.peer : *with.client;
    send(first.native(), "last");
    ::shutdown(first.native(), SHUT_WR);
    CHECK(receive(second.native(), with) == bytes_of("last"));
    CHECK(reads_end(second.native(), with));
    send(second.native(), "more");
    CHECK(receive(first.native(), with) == bytes_of("more"));
    CHECK_FALSE(with.meter->has_ended());
    ::shutdown(second.native(), SHUT_WR);
    CHECK(reads_end(first.native(), with));
    CHECK(with.meter->has_ended());
}

TEST_CASE("RFC 6062 5.5: a pair that is half closed and silent is closed after a minute", "[io][tcp]") {
    pair_under_test with;
    ::shutdown(with.client->native(), SHUT_WR);
    REQUIRE(reads_end(with.peer->native(), with));
    with.relay.on_tick(monotonic_time{100s});
    with.relay.on_tick(monotonic_time{150s});
    send(with.peer->native(), "x");
    CHECK(receive(with.client->native(), with) == bytes_of("x"));
    with.relay.on_tick(monotonic_time{160s});
    with.relay.on_tick(monotonic_time{219s});
    CHECK_FALSE(with.meter->has_ended());
    with.relay.on_tick(monotonic_time{220s});
    CHECK(with.meter->has_ended());
    CHECK(with.client->is_closed_by_server());
}

TEST_CASE("RFC 6062 5.5: with its allocation a pair ends on both sides, and passes nothing on", "[io][tcp]") {
    pair_under_test with;
    with.meter->end();
    SECTION("at the next tick") { with.relay.on_tick(monotonic_time{100s}); }
    SECTION("or the next byte") { send(with.client->native(), "too late"); }
    CHECK(with.run_until([&] { return with.client->is_closed_by_server(0); }));
    CHECK(reads_end(with.peer->native(), with));
    CHECK(with.meter->total().uplink == 0);
}

TEST_CASE("RFC 6062 5.5: a side that breaks off ends the pair once the other has something to say",
          "[io][tcp]") {
    pair_under_test with;
    with.client.reset();
    REQUIRE(reads_end(with.peer->native(), with));
    for (int i = 0; i < 100 && !with.meter->has_ended(); ++i) {
        send(with.peer->native(), "anyone there?");
        with.context.run_for(1ms);
    }
    CHECK(with.meter->has_ended());
}

TEST_CASE("a pair whose client is lost before it is handed over is closed", "[io][tcp]") {
    relay_under_test with;
    const auto local = with.open("127.21.0.8:0");
    const test::tcp_client peer{local};
    REQUIRE(with.run_until([&] { return with.sink.arrivals.size() == 1; }));
    auto meter = std::make_shared<turn::connection_meter>();
    static_cast<void>(with.relay.serve(
        {.stream = std::move(with.sink.arrivals[0].connection), .meter = meter, .holder = nullptr}));
    with.relay.on_tick(monotonic_time{100s});
    CHECK(meter->has_ended());
    CHECK(peer.is_closed_by_server());
}
