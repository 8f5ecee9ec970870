#include "relay/io/write_queue.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace turnix;
using namespace std::chrono_literals;
using io::admittance;
using io::write_queue;

namespace {

const monotonic_time start{1h};

std::vector<std::byte> bytes(std::size_t count, std::uint8_t value) {
    return std::vector<std::byte>(count, std::byte{value});
}

std::vector<std::byte> front_of(const write_queue& queue) {
    return {queue.front().begin(), queue.front().end()};
}

}  // namespace

TEST_CASE("RFC 8656 12.5: a queued message is header, payload and zero padding", "[io][queue]") {
    write_queue queue{{.bytes_max = 100, .age_max = 500ms}};
    const auto header = bytes(4, 1);
    const auto payload = bytes(2, 2);
    REQUIRE(queue.push_media(start, {.header = header, .payload = payload, .padding = 2}) ==
            admittance::taken);
    const std::vector<std::byte> expected{std::byte{1}, std::byte{1}, std::byte{1}, std::byte{1},
                                          std::byte{2}, std::byte{2}, std::byte{0}, std::byte{0}};
    CHECK(front_of(queue) == expected);
    queue.consume(8);
    CHECK(queue.empty());
}

TEST_CASE("a full queue refuses the newest message whole", "[io][queue]") {
    write_queue queue{{.bytes_max = 10, .age_max = 500ms}};
    const auto six = bytes(6, 1);
    const auto four = bytes(4, 2);
    CHECK(queue.push_media(start, {.header = {}, .payload = six}) == admittance::taken);
    CHECK(queue.push_media(start, {.header = {}, .payload = six}) == admittance::full);
    CHECK(queue.push_answer(start, {.header = {}, .payload = six}) == admittance::full);
    CHECK(queue.push_answer(start, {.header = {}, .payload = four}) == admittance::taken);
    auto expected = six;
    expected.insert(expected.end(), four.begin(), four.end());
    CHECK(front_of(queue) == expected);
    queue.consume(1);
    CHECK(queue.push_media(start, {.header = {}, .payload = four}) == admittance::full);
}

TEST_CASE("media is refused while older bytes wait too long; answers are not", "[io][queue]") {
    write_queue queue{{.bytes_max = 1'000, .age_max = 500ms}};
    const auto payload = bytes(10, 1);
    const io::message_parts message{.header = {}, .payload = payload};
    REQUIRE(queue.push_media(start, message) == admittance::taken);
    REQUIRE(queue.push_media(start + 400ms, message) == admittance::taken);
    CHECK(queue.push_media(start + 500ms, message) == admittance::taken);
    CHECK(queue.push_media(start + 501ms, message) == admittance::late);
    CHECK(queue.push_answer(start + 501ms, message) == admittance::taken);
    // Half of the oldest is still the oldest; then the message of 400 ms is.
    queue.consume(5);
    CHECK(queue.push_media(start + 501ms, message) == admittance::late);
    queue.consume(5);
    CHECK(queue.push_media(start + 900ms, message) == admittance::taken);
    CHECK(queue.push_media(start + 901ms, message) == admittance::late);
    queue.consume(queue.front().size());
    CHECK(queue.push_media(start + 1h, message) == admittance::taken);
}

TEST_CASE("what is taken leaves in order, however it is cut", "[io][queue]") {
    write_queue queue{{.bytes_max = 5'000, .age_max = 500ms}};
    std::vector<std::byte> in;
    std::vector<std::byte> out;
    const auto take = [&](std::size_t count) {
        const auto part = queue.front().first(std::min(count, queue.front().size()));
        out.insert(out.end(), part.begin(), part.end());
        queue.consume(part.size());
    };
    for (std::size_t i = 0; i < 500; ++i) {
        const auto payload = bytes(i % 97 + 1, static_cast<std::uint8_t>(i));
        if (queue.push_answer(start, {.header = {}, .payload = payload}) == admittance::taken) {
            in.insert(in.end(), payload.begin(), payload.end());
        }
        take(i % 89);
    }
    take(5'000);
    CHECK(in.size() > 10'000);
    CHECK(in == out);
}

TEST_CASE("where the oldest message ends is known, however much of it is written", "[io][queue]") {
    write_queue queue{{.bytes_max = 100, .age_max = 500ms}};
    const auto six = bytes(6, 1);
    const auto four = bytes(4, 2);
    REQUIRE(queue.push_answer(start, {.header = {}, .payload = six}) == admittance::taken);
    REQUIRE(queue.push_media(start, {.header = four, .payload = four}) == admittance::taken);
    CHECK(queue.front_message().size() == 6);
    queue.consume(5);
    CHECK(queue.front_message().size() == 1);
    queue.consume(1);
    CHECK(queue.front_message().size() == 8);
    queue.consume(8);
    CHECK(queue.empty());
}
