#include "common/credential/credential_ids.hpp"

#include "common/credential/field_codec.hpp"
#include "common/crypto/random.hpp"

#include <chrono>
#include <span>

namespace turnix::credential {

credential_id new_credential_id(wall_time now) {
    constexpr std::size_t time_bytes = 6;
    credential_id made;
    field_writer writer{std::as_writable_bytes(std::span{made.bytes})};
    const auto since_1970 = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch());
    writer.integer(static_cast<std::uint64_t>(since_1970.count()), time_bytes);
    crypto::fill_random(writer.claim(made.bytes.size() - time_bytes));
    return made;
}

}  // namespace turnix::credential
