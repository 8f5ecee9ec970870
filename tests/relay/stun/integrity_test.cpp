#include "relay/stun/integrity.hpp"

#include "relay/stun/message_view.hpp"
#include "relay/stun/message_writer.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

using namespace turnix;

namespace {

/// How many bytes each call of OpenSSL's comparison in constant time was given.
std::vector<std::size_t>& compared() {
    static std::vector<std::size_t> lengths;
    return lengths;
}

}  // namespace

// The program's own symbol goes before the shared library's, and does the same.
extern "C" int CRYPTO_memcmp(const void* a, const void* b, std::size_t length) {
    compared().push_back(length);
    const std::span one{static_cast<const std::byte*>(a), length};
    const std::span other{static_cast<const std::byte*>(b), length};
    std::byte difference{0};
    for (std::size_t i = 0; i < length; ++i) difference |= one[i] ^ other[i];
    return std::to_integer<int>(difference);
}

TEST_CASE("a MAC is compared in constant time, all of it, wherever it is wrong", "[integrity]") {
    struct algorithm {
        std::size_t mac_bytes;
        void (stun::message_writer::*sign)(std::span<const std::byte>) noexcept;
        bool (*is_valid)(const stun::message_view&, std::span<const std::byte>) noexcept;
    };
    const auto with = GENERATE(
        algorithm{20, &stun::message_writer::add_message_integrity, &stun::has_valid_message_integrity},
        algorithm{32, &stun::message_writer::add_message_integrity_sha256,
                  &stun::has_valid_message_integrity_sha256});
    constexpr std::array<std::byte, 16> key{};
    std::array<std::byte, 128> buffer{};
    stun::message_writer writer{buffer, {stun::method::binding, stun::message_class::request, {}}};
    (writer.*with.sign)(key);
    const auto written = writer.message();
    std::vector<std::byte> message{written.begin(), written.end()};
    const auto is_valid = [&] {
        compared().clear();
        return with.is_valid(stun::message_view::parse(message).value(), key);
    };

    const std::vector<std::size_t> once_and_whole{with.mac_bytes};
    CHECK(is_valid());
    CHECK(compared() == once_and_whole);
    for (std::size_t from_end = 1; from_end <= with.mac_bytes; ++from_end) {
        auto& changed = message[message.size() - from_end];
        changed ^= std::byte{1};
        CHECK_FALSE(is_valid());
        CHECK(compared() == once_and_whole);
        changed ^= std::byte{1};
    }
}
