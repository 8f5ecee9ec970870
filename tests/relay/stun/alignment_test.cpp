// Messages come at any address: on a stream behind one another, in DTLS records behind a header. Under UBSan
// a read that takes the bytes for an aligned integer is found here.
#include "relay/stun/attributes.hpp"
#include "relay/stun/channel_data.hpp"
#include "relay/stun/fingerprint.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/stun/stream_framer.hpp"
#include "tests/relay/stun/vectors.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

using namespace turnix;
using stun::attribute_type;

namespace {

constexpr std::size_t word_bytes = 8;

/// The bytes, this far behind an address that is a multiple of eight.
class shifted {
  public:
    shifted(std::span<const std::byte> bytes, std::size_t by) : room_(bytes.size() + word_bytes), by_{by} {
        std::ranges::copy(bytes, room_.begin() + static_cast<std::ptrdiff_t>(by));
    }
    [[nodiscard]] std::span<const std::byte> bytes() const {
        return std::span{room_}.subspan(by_, room_.size() - word_bytes);
    }

  private:
    std::vector<std::byte> room_;
    std::size_t by_;
};

std::span<const std::byte> password() { return std::as_bytes(std::span{test::short_term_password}); }

}  // namespace

TEST_CASE("a message is read alike wherever in memory it begins", "[alignment]") {
    const auto by = GENERATE(range<std::size_t>(0, word_bytes));
    const auto [sample, address] = GENERATE(table<std::vector<std::byte>, std::string_view>({
        {test::sample_request(), ""},
        {test::sample_ipv4_response(), "192.0.2.1:32853"},
        {test::sample_ipv6_response(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
    }));
    const shifted copy{sample, by};
    const auto message = stun::message_view::parse(copy.bytes()).value();
    CHECK(message.header() == stun::message_view::parse(sample).value().header());
    CHECK(stun::check_fingerprint(message) == stun::fingerprint_state::correct);
    CHECK(stun::has_valid_message_integrity(message, password()));
    const auto mapped = message.find(attribute_type::xor_mapped_address);
    REQUIRE(mapped.has_value() == !address.empty());
    if (!mapped) return;
    const auto decoded = stun::decode_xor_address(*mapped, message.header().transaction_id);
    CHECK(decoded.value() == net::endpoint::parse(address).value());
}

TEST_CASE("a message is written alike wherever in memory it begins", "[alignment]") {
    const auto by = GENERATE(range<std::size_t>(0, word_bytes));
    const auto written = [](std::span<std::byte> room) {
        stun::message_writer out{room, {stun::method::allocate, stun::message_class::request, {}}};
        stun::add_lifetime(out, std::chrono::seconds{600});
        stun::add_xor_address(out, attribute_type::xor_peer_address,
                              net::endpoint::parse("[2001:db8::7]:40000").value());
        out.add(attribute_type::username, "odd");
        out.add_message_integrity(password());
        out.add_fingerprint();
        return out.message();
    };
    std::array<std::byte, 256> aligned{};
    std::array<std::byte, 256 + word_bytes> room{};
    CHECK(std::ranges::equal(written(std::span{room}.subspan(by)), written(aligned)));
}

TEST_CASE("a stream is framed alike wherever in memory it begins", "[alignment]") {
    const auto by = GENERATE(range<std::size_t>(0, word_bytes));
    const shifted message{test::sample_request(), by};
    const auto framed = std::get<stun::framed_message>(stun::next_message(message.bytes()));
    CHECK(framed.consumed == message.bytes().size());
    const shifted data{test::hex("40010003 61626300"), by};
    CHECK(std::get<stun::framed_message>(stun::next_message(data.bytes())).message.size() == 7);
    const auto payload = stun::channel_data::parse(data.bytes()).value().payload;
    CHECK(std::ranges::equal(payload, test::hex("616263")));
}
