#include "common/crypto/vital_memory.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <span>

#include <malloc.h>

namespace turnix::crypto {
namespace {

thread_local int sections = 0;
constinit std::atomic<memory_source> system_memory{std::malloc};

/// Blocks of one size. All of it is zero at the start: its pages are taken when they are used.
template <std::size_t Bytes, std::size_t Count>
class block_pool {
  public:
    static constexpr std::size_t block_bytes = Bytes;

    [[nodiscard]] bool owns(const void* memory) const noexcept {
        const std::less<const void*> is_before;
        return !is_before(memory, &blocks_.front()) && !is_before(&blocks_.back(), memory);
    }
    /// Null when all are in use.
    void* take() noexcept {
        if (returned_ != nullptr) {
            auto* const taken = returned_;
            returned_ = taken->next;
            return taken;
        }
        return used_ < Count ? &blocks_[used_++] : nullptr;
    }
    void give_back(void* memory) noexcept {
        auto* const block = static_cast<block_type*>(memory);
        block->next = returned_;
        returned_ = block;
    }

  private:
    union alignas(std::max_align_t) block_type {
        block_type* next;
        std::array<std::byte, Bytes> bytes;
    };

    std::array<block_type, Count> blocks_{};
    std::size_t used_{0};  ///< of the front, at some time
    block_type* returned_{nullptr};
};

class reserve {
  public:
    void* lend(std::size_t bytes) noexcept {
        const std::lock_guard lock{guard_};
        void* lent = nullptr;
        each_pool([&](auto& pool) {
            if (lent == nullptr && bytes <= pool.block_bytes) lent = pool.take();
        });
        if (lent != nullptr) ++lent_;
        return lent;
    }
    [[nodiscard]] bool owns(const void* memory) const noexcept { return block_bytes(memory) != 0; }
    /// 0 for memory that is not the reserve's.
    [[nodiscard]] std::size_t block_bytes(const void* memory) const noexcept {
        if (small_.owns(memory)) return decltype(small_)::block_bytes;
        if (medium_.owns(memory)) return decltype(medium_)::block_bytes;
        return large_.owns(memory) ? decltype(large_)::block_bytes : 0;
    }
    void take_back(void* memory) noexcept {
        const std::lock_guard lock{guard_};
        each_pool([&](auto& pool) {
            if (pool.owns(memory)) pool.give_back(memory);
        });
        --lent_;
    }
    [[nodiscard]] std::size_t lent() noexcept {
        const std::lock_guard lock{guard_};
        return lent_;
    }

  private:
    void each_pool(const auto& visit) {
        visit(small_);
        visit(medium_);
        visit(large_);
    }

    std::mutex guard_;
    std::size_t lent_{0};
    block_pool<256, 1024> small_;
    block_pool<4096, 64> medium_;
    block_pool<16384, 16> large_;
};

constinit reserve vital_reserve;

void* allocate(std::size_t bytes, const char* /*file*/, int /*line*/) {
    void* const memory = system_memory.load(std::memory_order_relaxed)(bytes);
    return memory != nullptr || sections == 0 ? memory : vital_reserve.lend(bytes);
}

void release(void* memory, const char* /*file*/, int /*line*/) {
    if (vital_reserve.owns(memory)) {
        vital_reserve.take_back(memory);
    } else {
        std::free(memory);
    }
}

std::size_t bytes_of(void* memory) noexcept {
    const auto lent = vital_reserve.block_bytes(memory);
    return lent != 0 ? lent : ::malloc_usable_size(memory);
}

void* reallocate(void* memory, std::size_t bytes, const char* file, int line) {
    void* const moved = bytes != 0 ? allocate(bytes, file, line) : nullptr;
    if (memory == nullptr || (moved == nullptr && bytes != 0)) return moved;
    if (moved != nullptr) {
        const std::span from{static_cast<const std::byte*>(memory), std::min(bytes, bytes_of(memory))};
        std::ranges::copy(from, static_cast<std::byte*>(moved));
    }
    release(memory, file, line);
    return moved;
}

/// OpenSSL takes no other functions once it has asked for memory.
[[maybe_unused]] const int is_installed = CRYPTO_set_mem_functions(allocate, reallocate, release);

}  // namespace

vital_section::vital_section() noexcept { ++sections; }
vital_section::~vital_section() { --sections; }

std::size_t vital_blocks_lent() noexcept { return vital_reserve.lent(); }

void take_openssl_memory_from(memory_source source) noexcept {
    system_memory.store(source, std::memory_order_relaxed);
}

}  // namespace turnix::crypto
