// What a book of overrides does when it is full: what would fill memory without an end.
#include "api/sessions/override_book.hpp"

#include "api/store/override_table.hpp"
#include "tests/api/fleet/relay_stub.hpp"
#include "tests/api/store/examples.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>

using namespace turnix;
using namespace std::chrono_literals;

namespace {

constexpr auto capacity = static_cast<std::uint32_t>(contract::override_set::overrides_max);
constexpr wall_time today{std::chrono::hours{500'000}};
const auto tomorrow = std::chrono::floor<std::chrono::seconds>(today + 24h);

contract::credential_override revocation(std::uint32_t number) {
    contract::credential_override made;
    std::memcpy(made.target.id.data(), &number, sizeof number);
    made.version = 1;
    made.until = tomorrow;
    return made;
}

void fill(store::store& records) {
    records.run([](auto& database) {
        for (std::uint32_t number = 0; number < capacity; ++number) {
            store::write_override(database, revocation(number));
        }
    });
}

}  // namespace

TEST_CASE("a full book takes no further override, from here or elsewhere, until some have expired",
          "[sessions][overrides]") {
    const tests::temporary_directory place;
    store::store records{place.path() / "turnix.db"};
    relay_stub relay;
    fill(records);
    sessions::override_book book{records, relay};
    REQUIRE(relay.overrides->size() == capacity);

    CHECK_FALSE(book.add(revocation(capacity), today).has_value());
    auto told = revocation(capacity + 1);
    told.version = 7;
    book.take(told);
    CHECK(relay.overrides->size() == capacity);
    CHECK(book.current()->find(told.target, told.kind) == nullptr);

    // What is about the same credential takes no room.
    CHECK(book.add(revocation(0), today).has_value());
    CHECK(relay.overrides->size() == capacity);

    book.expire(today + 48h);
    CHECK(relay.overrides->size() == 0);
    CHECK(book.add(revocation(capacity), today + 48h).has_value());
}
