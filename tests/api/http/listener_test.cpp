#include "api/http/listener.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace turnix;
using boost::asio::ip::tcp;
using http::listener;

TEST_CASE("the kernel takes little of an answer for a client that does not read", "[http][security]") {
    boost::asio::io_context io{1};
    const auto on = listener::on_network(io, net::endpoint::parse("127.0.0.1:0").value(), nullptr);
    tcp::socket client{io, tcp::v4()};
    client.set_option(tcp::socket::receive_buffer_size{4096});
    client.connect({boost::asio::ip::address_v4::loopback(), on->local().port});
    http::stream_socket socket{io};
    REQUIRE_FALSE(on->accept(socket).failed());
    socket.non_blocking(true);

    const std::string answer(4'000'000, 'x');
    std::size_t taken{0};
    boost::system::error_code code;
    while (!code && taken < answer.size()) taken += socket.write_some(boost::asio::buffer(answer), code);
    CHECK(code == boost::asio::error::would_block);
    CHECK(taken < 256 * 1024);
}
