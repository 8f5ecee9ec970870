// Whatever a node tells of tenants and keys is read whole or not at all, and what was read is told as it
// came.
//
//   kind 1 | length 1, key | body
#include "api/fleet/key_fact.hpp"
#include "api/fleet/record_fact.hpp"
#include "api/model/tenant_record.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace turnix::fuzz {

namespace {

gossip::fact read_fact(std::span<const std::byte> input) {
    credential::field_reader from{input};
    gossip::fact told{.kind = static_cast<gossip::fact_kind>(from.integer(1)),
                      .key = {},
                      .body = {},
                      .version = 1,
                      .until = {}};
    const auto key = from.take(std::min<std::size_t>(from.integer(1), input.size()));
    told.key.assign(key.begin(), key.end());
    const auto used = std::min(input.size(), 2 + key.size());
    told.body.assign(input.begin() + static_cast<std::ptrdiff_t>(used), input.end());
    return told;
}

void check(const model::shared_record& told) {
    if (const auto read = model::organisation_of(told))
        expect(model::record_of(*read).says_the_same_as(told));
    if (const auto read = model::project_of(told)) {
        expect(model::records_of(*read).front().says_the_same_as(told));
    }
    if (const auto read = model::link_of(told)) {
        model::project of{
            .id = read->project, .organisation = {}, .slug = {}, .settings = {}, .created_at = {}};
        model::link_in(of.settings, read->kind) = read->text;
        expect(std::ranges::any_of(model::records_of(of),
                                   [&](const auto& each) { return each.says_the_same_as(told); }));
    }
    if (const auto read = model::token_of(told)) {
        // Scopes may come in any order.
        const auto written = model::record_of(*read);
        const auto again = model::token_of(written);
        expect(again && model::record_of(*again).says_the_same_as(written));
    }
}

}  // namespace

void run(std::span<const std::byte> input) {
    const auto told = read_fact(input);
    if (const auto record = fleet::record_of(told)) check(*record);
    if (const auto key = fleet::key_of(told)) expect(fleet::fact_of(*key).body == told.body);
    if (const auto held = fleet::held_keys_of(told)) expect(fleet::fact_of(*held, 1).body == told.body);
}

}  // namespace turnix::fuzz
