#include "relay/io/datagram_bio.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>
#include <utility>

namespace turnix::io {

namespace {

/// UDP payload: what is left of IPv6's least MTU of 1,280 with some room for tunnels.
constexpr long mtu_bytes = 1'200;
/// IPv6 and UDP.
constexpr long mtu_overhead_bytes = 48;

datagram_port& port_of(BIO* bio) noexcept { return *static_cast<datagram_port*>(BIO_get_data(bio)); }

int read_datagram(BIO* bio, char* into, int room) noexcept {
    BIO_clear_retry_flags(bio);
    const auto datagram = port_of(bio).take_over();
    if (datagram.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const auto bytes = std::min(datagram.size(), static_cast<std::size_t>(room));
    std::ranges::copy(datagram.first(bytes),
                      std::as_writable_bytes(std::span{into, static_cast<std::size_t>(room)}).begin());
    return static_cast<int>(bytes);
}

int write_datagram(BIO* bio, const char* from, int bytes) noexcept {
    port_of(bio).send(std::as_bytes(std::span{from, static_cast<std::size_t>(bytes)}));
    return bytes;
}

long control(BIO*, int command, long, void*) noexcept {
    switch (command) {
        case BIO_CTRL_FLUSH:
            return 1;
        case BIO_CTRL_DGRAM_QUERY_MTU:
        case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
            return mtu_bytes;
        case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
            return mtu_overhead_bytes;
        default:
            return 0;
    }
}

BIO_METHOD* make_method() {
    static const int type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK;
    BIO_METHOD* const method = BIO_meth_new(type, "one datagram a call");
    if (method == nullptr) throw std::bad_alloc{};
    BIO_meth_set_read(method, read_datagram);
    BIO_meth_set_write(method, write_datagram);
    BIO_meth_set_ctrl(method, control);
    return method;
}

BIO* make_bio(datagram_port& port) noexcept try {
    // Without memory for it, the next call tries again.
    static const BIO_METHOD* const method = make_method();
    BIO* const bio = BIO_new(method);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &port);
    BIO_set_init(bio, 1);
    return bio;
} catch (const std::bad_alloc&) {
    return nullptr;
}

}  // namespace

std::span<const std::byte> datagram_port::take_over() noexcept { return std::exchange(incoming_, {}); }

ssl_pointer make_dtls(SSL_CTX* context, datagram_port& port) noexcept {
    ssl_pointer session{SSL_new(context)};
    BIO* const bio = session ? make_bio(port) : nullptr;
    if (bio == nullptr) return nullptr;
    SSL_set_bio(session.get(), bio, bio);
    SSL_set_options(session.get(), SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(session.get(), mtu_bytes);
    return session;
}

}  // namespace turnix::io
