#include "api/model/shared_record.hpp"

#include "common/credential/field_codec.hpp"

#include <algorithm>
#include <ranges>
#include <span>

namespace turnix::model {

std::uint64_t shared_record::base() const noexcept {
    credential::field_reader from{body};
    return from.integer(base_bytes);
}

void shared_record::set_base(std::uint64_t to) noexcept {
    credential::field_writer into{std::span{body}.first(base_bytes)};
    into.integer(to, base_bytes);
}

bool shared_record::says_the_same_as(const shared_record& other) const noexcept {
    return id == other.id && is_final() == other.is_final() &&
           std::ranges::equal(body | std::views::drop(base_bytes), other.body | std::views::drop(base_bytes));
}

}  // namespace turnix::model
