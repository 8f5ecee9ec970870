#include "relay/event_queue.hpp"

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

using namespace turnix;
using relay::event_queue;

namespace {

contract::session_event ended(std::uint32_t number) {
    contract::session_ended event;
    event.sequence = number;
    return event;
}

std::vector<std::uint32_t> numbers_of(const std::vector<contract::session_event>& events) {
    std::vector<std::uint32_t> numbers;
    for (const auto& each : events) numbers.push_back(std::get<contract::session_ended>(each).sequence);
    return numbers;
}

std::vector<std::uint32_t> up_to(std::uint32_t count) {
    std::vector<std::uint32_t> numbers(count);
    for (std::uint32_t i = 0; i < count; ++i) numbers[i] = i;
    return numbers;
}

}  // namespace

TEST_CASE("no end of a session is lost when nobody takes events", "[relay][events]") {
    constexpr std::uint32_t count = 3 * event_queue::ring_events;
    event_queue queue;
    for (std::uint32_t i = 0; i < count; ++i) queue.on_session_event(ended(i));
    std::vector<contract::session_event> taken;
    queue.take(taken);
    CHECK(taken.size() == event_queue::ring_events);
    queue.advance();
    queue.take(taken);
    queue.finish();
    queue.take(taken);
    CHECK(numbers_of(taken) == up_to(count));
}

TEST_CASE("interim figures give way when the ring is full", "[relay][events]") {
    event_queue queue;
    for (std::uint32_t i = 0; i < event_queue::ring_events; ++i) queue.on_session_event(ended(i));
    queue.on_session_event(contract::session_progress{});
    queue.finish();
    std::vector<contract::session_event> taken;
    queue.take(taken);
    CHECK(numbers_of(taken) == up_to(event_queue::ring_events));
}

TEST_CASE("events come out in order while both sides are at it", "[relay][events]") {
    constexpr std::uint32_t count = 50'000;
    event_queue queue;
    std::thread producer{[&queue] {
        for (std::uint32_t i = 0; i < count; ++i) queue.on_session_event(ended(i));
        queue.finish();
    }};
    std::vector<contract::session_event> taken;
    for (int i = 0; i < 1'000; ++i) queue.take(taken);
    producer.join();
    queue.take(taken);
    CHECK(numbers_of(taken) == up_to(count));
}
