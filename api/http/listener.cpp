#include "api/http/listener.hpp"

#include "common/net/sockaddr.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace turnix::http {

namespace {

namespace asio = boost::asio;
using asio::generic::stream_protocol;

/// What the kernel takes of an answer beyond what is on its way: without it, it copies megabytes for a client
/// that may read a byte a second.
constexpr int unsent_bytes_max = 64 * 1024;

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// An IPv4 client of a socket that is open for both families comes as ::ffff:192.0.2.1.
net::address unmapped(const net::address& from) noexcept {
    const auto bytes = from.bytes();
    if (!from.is_v6() || !std::ranges::equal(bytes.first(mapped_prefix.size()), mapped_prefix)) return from;
    net::address::v4_bytes v4{};
    std::ranges::copy(bytes.subspan(mapped_prefix.size()), v4.begin());
    return net::address{v4};
}

stream_protocol::endpoint to_asio(const net::endpoint& from) {
    sockaddr_storage storage{};
    const auto length = net::to_sockaddr(from, storage);
    return {&storage, length};
}

std::optional<net::endpoint> from_asio(const stream_protocol::endpoint& from) {
    sockaddr_storage storage{};
    std::memcpy(&storage, from.data(), std::min(from.size(), sizeof storage));
    return net::from_sockaddr(storage, static_cast<socklen_t>(from.size()));
}

[[noreturn]] void refuse(std::string_view where, const boost::system::error_code& code,
                         std::string_view remedy) {
    throw std::runtime_error{fmt::format("cannot listen on {}: {}; {}", where, code.message(), remedy)};
}

std::string_view remedy_for(const boost::system::error_code& code) {
    if (code == asio::error::address_in_use) {
        return "stop what listens there, or choose another port";
    }
    if (code == asio::error::access_denied) return "choose a port above 1023, or grant CAP_NET_BIND_SERVICE";
    return "choose an address of this machine";
}

/// Is somebody listening at the path?
bool answers(asio::io_context& io, const asio::local::stream_protocol::endpoint& path) {
    asio::local::stream_protocol::socket probe{io};
    boost::system::error_code code;
    probe.connect(path, code);
    return !code;
}

}  // namespace

std::unique_ptr<listener> listener::on_network(asio::io_context& io, const net::endpoint& address,
                                               std::shared_ptr<asio::ssl::context> tls) {
    std::unique_ptr<listener> made{new listener{io}};
    made->tls_ = std::move(tls);
    const auto where = to_asio(address);
    auto& acceptor = made->acceptor_;
    boost::system::error_code code;
    acceptor.open(where.protocol(), code);
    // Not SO_REUSEPORT: a second daemon must fail here rather than take half the connections.
    if (!code) acceptor.set_option(asio::socket_base::reuse_address{true}, code);
    if (!code) acceptor.bind(where, code);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    if (!code) acceptor.non_blocking(true, code);
    if (code) refuse(address.to_string(), code, remedy_for(code));
    // The connections inherit it. Only time and memory are lost without it.
    static_cast<void>(::setsockopt(acceptor.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT,
                                   &unsent_bytes_max, sizeof unsent_bytes_max));
    return made;
}

std::unique_ptr<listener> listener::on_control_socket(asio::io_context& io,
                                                      const std::filesystem::path& path) {
    if (path.string().size() >= sizeof(sockaddr_un::sun_path)) {
        refuse(path.string(), asio::error::name_too_long, "choose a shorter data directory");
    }
    const asio::local::stream_protocol::endpoint where{path.string()};
    std::error_code ignored;
    if (std::filesystem::is_socket(path, ignored)) {
        if (answers(io, where)) {
            refuse(path.string(), asio::error::address_in_use, "stop the daemon that uses this directory");
        }
        std::filesystem::remove(path, ignored);
    }
    std::unique_ptr<listener> made{new listener{io}};
    auto& acceptor = made->acceptor_;
    boost::system::error_code code;
    acceptor.open(where.protocol(), code);
    // Before it has a name: the socket is never open to others, not even for a moment.
    if (!code && ::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0) {
        code.assign(errno, boost::system::system_category());
    }
    if (!code) acceptor.bind(where, code);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    if (!code) acceptor.non_blocking(true, code);
    if (code) refuse(path.string(), code, "the data directory must exist and be writable");
    made->control_path_ = path;
    return made;
}

listener::~listener() { close(); }

std::unique_ptr<byte_stream> listener::make_stream(stream_socket accepted) {
    if (is_control()) return make_plain_stream(std::move(accepted));
    boost::system::error_code ignored;
    accepted.set_option(asio::ip::tcp::no_delay{true}, ignored);
    return tls_ ? make_tls_stream(std::move(accepted), *tls_) : make_plain_stream(std::move(accepted));
}

void listener::close() noexcept {
    if (!acceptor_.is_open()) return;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    std::error_code also_ignored;
    if (is_control()) std::filesystem::remove(control_path_, also_ignored);
}

net::endpoint listener::local() const {
    return from_asio(acceptor_.local_endpoint()).value_or(net::endpoint{});
}

std::optional<net::endpoint> remote_of(const stream_socket& socket) {
    boost::system::error_code code;
    auto remote = from_asio(socket.remote_endpoint(code));
    if (code || !remote) return std::nullopt;
    remote->address = unmapped(remote->address);
    return remote;
}

}  // namespace turnix::http
