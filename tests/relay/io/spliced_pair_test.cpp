#include "relay/io/spliced_pair.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

using namespace turnix;

namespace {

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) != -1; }

/// Notes whether its socket is there still when it ends.
class noting_channel final : public io::byte_channel {
  public:
    noting_channel(int socket, std::optional<bool>& into) : socket_{socket}, had_socket_{into} {}
    ~noting_channel() override { had_socket_ = is_open(socket_); }

    io::progress handshake() noexcept override { return io::progress::made; }
    io::transfer read(std::span<std::byte> /*into*/) noexcept override { return {io::progress::ended, 0}; }
    bool has_records() const noexcept override { return true; }
    io::transfer write(std::span<const std::byte> from) noexcept override {
        return {io::progress::made, from.size()};
    }
    void end_writing() noexcept override {}

  private:
    int socket_;
    std::optional<bool>& had_socket_;
};

struct connected {
    connected() {
        std::array<int, 2> ends{};
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
        near = io::file_descriptor{ends[0]};
        far = io::file_descriptor{ends[1]};
    }
    io::file_descriptor near;
    io::file_descriptor far;
};

}  // namespace

TEST_CASE("a client's socket that the loop does not watch is closed, after its channel said goodbye",
          "[io][tcp-relay]") {
    boost::asio::io_context context{1};
    std::array<std::byte, 1'024> scratch{};
    const auto meter = std::make_shared<turn::connection_meter>();
    connected peer;
    const auto pair = std::make_shared<io::spliced_pair>(context, scratch, std::move(peer.near), meter);
    REQUIRE_FALSE(pair->is_closed());

    connected client;
    const int number = client.near.get();
    // The loop does not take a number twice.
    boost::asio::posix::stream_descriptor before{context, number};
    std::optional<bool> had_socket;
    pair->take_over({.socket = std::move(client.near),
                     .channel = std::make_unique<noting_channel>(number, had_socket),
                     .received = {},
                     .unsent = {}});
    CHECK(had_socket == true);
    CHECK_FALSE(is_open(number));
    CHECK(pair->is_closed());
    CHECK(meter->has_ended());
    before.release();
}
