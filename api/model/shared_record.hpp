// Organisations, projects and tokens as the nodes of a fleet share them: each is a record with a version, and
// of two versions the greater one counts, wherever and in whatever order they arrive.
//
//   body   base, 8 | fields
//
// The base is the version that its writer knew and did not make itself: who overwrites a newer one than that
// did not know of it. A final version (a revocation, a removal) is greater than every other, so that nothing
// that was written elsewhere meanwhile brings back what is gone. No fields: it is gone.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnix::model {

/// As the facts of the gossip are numbered.
enum class record_kind : std::uint8_t { organisation = 2, project, project_link, token };

struct record_id {
    record_kind kind{record_kind::organisation};
    std::vector<std::byte> key;

    friend auto operator<=>(const record_id&, const record_id&) = default;
};

struct shared_record {
    static constexpr std::size_t base_bytes = 8;
    /// SQLite's integers are signed: the bit below the highest.
    static constexpr std::uint64_t final_bit = std::uint64_t{1} << 62U;
    /// More than a wall_time can hold: it is compared in seconds.
    static constexpr std::chrono::sys_seconds for_good{std::chrono::seconds{253'402'300'799}};

    record_id id;
    std::vector<std::byte> body;
    std::uint64_t version{0};
    std::chrono::sys_seconds until{for_good};  ///< from then on it means nothing any more

    [[nodiscard]] bool is_final() const noexcept { return (version & final_bit) != 0; }
    /// Zero when the body is none.
    [[nodiscard]] std::uint64_t base() const noexcept;
    void set_base(std::uint64_t to) noexcept;
    /// The same but for who wrote it when.
    [[nodiscard]] bool says_the_same_as(const shared_record& other) const noexcept;

    friend bool operator==(const shared_record&, const shared_record&) = default;
};

}  // namespace turnix::model
