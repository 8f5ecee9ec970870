// Idempotency-Key: the same request under the same key is done once, and answered alike for a day.
//
// Durable: the key is taken in the store before the handler runs, and the answer kept before it is sent. A
// request that was cut off between the two (the process died) is 409 from then on: nobody can say whether it
// took effect. Answers carry secrets, so they are sealed under a key made of the caller's own token, which
// the store does not have. Desk thread.
#pragma once

#include "api/resources/endpoint.hpp"
#include "api/store/idempotency_table.hpp"
#include "api/store/store.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace turnix::api {

/// 1 to 255 printable ASCII characters.
bool is_idempotency_key(std::string_view text) noexcept;

class idempotency {
  public:
    struct ticket {
        store::request_digest id{};
        store::request_digest fingerprint{};
        std::array<std::byte, 64> sealing_key{};
    };

    explicit idempotency(store::store& records) : records_{records} {}

    [[nodiscard]] ticket ticket_of(const call& what, std::string_view key) const;
    /// Nothing when the request is to be done. Otherwise its answer: the earlier one, or 409 when the earlier
    /// one was another request or was cut off. Throws store_error.
    [[nodiscard]] std::optional<http::response> begin(const ticket& under, const call& what);
    /// Keeps an answer of success; after any other the key is free again. Throws store_error.
    void settle(const ticket& under, const http::response& made);

  private:
    store::store& records_;
};

}  // namespace turnix::api
