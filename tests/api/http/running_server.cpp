#include "tests/api/http/running_server.hpp"

#include <boost/asio/write.hpp>

#include <array>

#include <sys/socket.h>

namespace turnix::http {

test_client::test_client(const net::endpoint& to, std::string_view from) {
    socket_.open(boost::asio::ip::tcp::v4());
    socket_.bind({boost::asio::ip::make_address(from), 0});
    socket_.connect({boost::asio::ip::make_address(to.address.to_string()), to.port});
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

void test_client::send(std::string_view bytes) {
    boost::system::error_code ignored;  // the server may have closed already: the answer tells
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
}

std::string test_client::receive(std::size_t bytes_least) {
    std::string all;
    std::array<char, 4096> piece{};
    while (all.size() < bytes_least) {
        // Not Asio's read, which waits beyond SO_RCVTIMEO.
        const auto got = ::recv(socket_.native_handle(), piece.data(), piece.size(), 0);
        if (got <= 0) break;
        all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
}

std::string test_client::receive_until(std::string_view mark, std::size_t times) {
    std::string all;
    const auto seen = [&] {
        std::size_t count{0};
        for (auto at = all.find(mark); at != std::string::npos; at = all.find(mark, at + 1)) ++count;
        return count;
    };
    while (seen() < times) {
        const auto more = receive(1);
        if (more.empty()) break;
        all += more;
    }
    return all;
}

net::endpoint loopback(std::uint16_t port) {
    return {.address = net::address{net::address::v4_bytes{127, 0, 0, 1}}, .port = port};
}

}  // namespace turnix::http
