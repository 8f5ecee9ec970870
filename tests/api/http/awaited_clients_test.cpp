#include "api/http/awaited_clients.hpp"

#include "api/http/connection.hpp"
#include "common/net/source.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

using namespace std::chrono_literals;
using namespace turnix;
using http::awaited_clients;

namespace {

struct nobody final : http::connection::owner {
    http::response answer(http::request) override { return {}; }
    http::response answer_fault(const http::error&) override { return {}; }
    void on_phase(const http::connection&) override {}
    void on_connection_end(const http::connection&) override {}
    void on_out_of_memory() noexcept override {}
};

/// A client that does nothing, and what is known of it beside the book.
struct client {
    client(boost::asio::io_context& io, nobody& owner, awaited_clients& book, const char* from)
        : source{net::source_of(net::address::parse(from).value())},
          one{io, nullptr, std::nullopt, {}, owner},
          place{std::in_place, book, one, net::address::parse(from).value()} {}

    void await(awaited_clients::time_point at) {
        since = at;
        place->await(at);
    }
    void let_be() {
        since.reset();
        place->let_be();
    }

    net::address source;
    http::connection one;
    std::optional<awaited_clients::time_point> since{};
    std::optional<awaited_clients::place> place;
};

struct book_with_clients {
    client& add(const char* from) { return *clients.emplace_back(new client{io, owner, book, from}); }

    /// Looks at all of them.
    [[nodiscard]] http::connection* slowly_chosen() const {
        std::map<net::address, std::size_t> awaited;
        for (const auto& each : clients) awaited[each->source] += each->since ? 1U : 0U;
        const client* chosen{nullptr};
        for (const auto& each : clients) {
            if (!each->since) continue;
            if (chosen == nullptr || awaited[each->source] > awaited[chosen->source] ||
                (awaited[each->source] == awaited[chosen->source] && each->since < chosen->since))
                chosen = each.get();
        }
        return chosen == nullptr ? nullptr : const_cast<http::connection*>(&chosen->one);
    }

    boost::asio::io_context io;
    nobody owner;
    awaited_clients book;
    std::vector<std::unique_ptr<client>> clients;
};

constexpr awaited_clients::time_point begin{1s};

}  // namespace

TEST_CASE("who gives way is of the source with most, and waited for longest", "[http][server][security]") {
    book_with_clients with;
    auto& book = with.book;
    CHECK(book.least_welcome() == nullptr);
    auto& oldest = with.add("192.0.2.1");
    CHECK(book.least_welcome() == nullptr);
    oldest.await(begin);
    CHECK(book.least_welcome() == &oldest.one);

    auto& first_of_two = with.add("2001:db8::1");
    auto& second_of_two = with.add("2001:db8::2");
    first_of_two.await(begin + 1s);
    second_of_two.await(begin + 2s);
    CHECK(book.least_welcome() == &first_of_two.one);

    first_of_two.await(begin + 3s);
    CHECK(book.least_welcome() == &second_of_two.one);
    first_of_two.let_be();
    CHECK(book.least_welcome() == &oldest.one);
    oldest.await(begin + 4s);
    CHECK(book.least_welcome() == &second_of_two.one);
    second_of_two.place.reset();
    CHECK(book.least_welcome() == &oldest.one);
}

TEST_CASE("who gives way is whom a look at all would choose", "[http][server]") {
    constexpr std::array sources{"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8:0:1::1"};
    book_with_clients with;
    std::minstd_rand dice{7};
    auto now = begin;
    for (int step = 0; step < 5'000; ++step) {
        const auto chosen = with.clients.empty() ? 0 : dice() % with.clients.size();
        switch (dice() % 4) {
            case 0:
                if (with.clients.size() < 40) with.add(sources.at(dice() % sources.size()));
                break;
            case 1:
                if (!with.clients.empty() && dice() % 2 == 0)
                    with.clients.erase(with.clients.begin() + static_cast<std::ptrdiff_t>(chosen));
                break;
            case 2:
                if (!with.clients.empty()) with.clients[chosen]->let_be();
                break;
            default:
                if (!with.clients.empty()) with.clients[chosen]->await(now += 1ms);
        }
        REQUIRE(with.book.least_welcome() == with.slowly_chosen());
    }
}
