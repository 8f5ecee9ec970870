// What strangers send ahead of everything else: PROXY headers, which mean the same however they are cut and
// are never read beyond their end; ALPN lists, out of which only what is spoken is chosen; first datagrams of
// DTLS.
#include "relay/io/alpn.hpp"
#include "relay/io/dtls_record.hpp"
#include "relay/io/proxy_header.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

using namespace turnix;
using fuzz::expect;

namespace {

/// What a reader that takes at most `piece_bytes` at a time makes of the stream, and how far it has read.
struct read_header {
    io::proxy_parse parsed;
    std::size_t consumed{0};
};

read_header arriving_in_pieces(std::span<const std::byte> stream, std::size_t piece_bytes) {
    read_header so_far{.parsed = io::parse_proxy_header({})};
    while (const auto* const more = std::get_if<io::proxy_need_more>(&so_far.parsed)) {
        expect(more->bytes > 0 && more->bytes <= io::proxy_header_bytes_max - so_far.consumed);
        const auto left = stream.size() - so_far.consumed;
        if (left == 0) break;
        so_far.consumed += std::min({more->bytes, piece_bytes, left});
        so_far.parsed = io::parse_proxy_header(stream.first(so_far.consumed));
    }
    return so_far;
}

void check_proxy_header(std::span<const std::byte> stream) {
    const auto whole = arriving_in_pieces(stream, stream.size() + 1);
    const auto in_bytes = arriving_in_pieces(stream, 1);
    expect(whole.parsed.index() == in_bytes.parsed.index());
    const auto* const header = std::get_if<io::proxy_header>(&whole.parsed);
    if (header == nullptr) return;
    expect(whole.consumed == in_bytes.consumed);
    expect(header->endpoints == std::get<io::proxy_header>(in_bytes.parsed).endpoints);
    if (!header->endpoints) return;
    expect(header->endpoints->client.address.family() == header->endpoints->server.address.family());
}

void check_alpn(std::span<const std::byte> input) {
    std::vector<unsigned char> offered;
    for (const auto each : input) offered.push_back(std::to_integer<unsigned char>(each));
    const auto chosen = io::choose_protocol(offered);
    const std::string name{chosen.begin(), chosen.end()};
    expect(name.empty() || name == "stun.turn" || name == "stun.nat-discovery");
}

void check_client_hello(std::span<const std::byte> datagram) {
    const auto hello = io::client_hello_of(datagram);
    if (!hello) return;
    expect(io::begins_dtls(datagram) && !io::is_application_data(datagram));
    expect(!std::ranges::search(datagram, *hello).empty());
}

}  // namespace

void turnix::fuzz::run(std::span<const std::byte> input) {
    check_proxy_header(input);
    check_alpn(input);
    check_client_hello(input);
}
