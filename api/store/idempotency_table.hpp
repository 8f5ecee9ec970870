// Requests with an Idempotency-Key and their answers in SQL, each for a day.
//
// On the store's thread; everything throws store_error.
#pragma once

#include "api/store/sqlite_database.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace turnix::store {

using request_digest = std::array<std::byte, 32>;

inline constexpr auto idempotency_kept = std::chrono::hours{24};

struct idempotent_request {
    request_digest id{};           ///< of caller and key
    request_digest fingerprint{};  ///< of what is asked
    /// Sealed; absent while the request is under way, or when it was cut off.
    std::optional<std::vector<std::byte>> answer;
};

/// Nothing when the id is new: it is taken now. Otherwise the request that took it.
std::optional<idempotent_request> begin_request(sqlite_database& in, const idempotent_request& request,
                                                wall_time now);
void keep_answer(sqlite_database& in, const request_digest& id, std::span<const std::byte> answer);
/// The id is free again.
void forget_request(sqlite_database& in, const request_digest& id);

}  // namespace turnix::store
