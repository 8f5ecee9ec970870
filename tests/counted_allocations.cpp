#include "tests/counted_allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t made = 0;
thread_local std::size_t before_failure = 0;  ///< 0: none is due
thread_local std::size_t to_fail = 0;
thread_local bool failed = false;

/// Is the one that is asked for now to fail?
bool fails_now() noexcept {
    ++made;
    if (before_failure == 0) return false;
    if (before_failure > 1) {
        --before_failure;
        return false;
    }
    if (--to_fail == 0) before_failure = 0;
    failed = true;
    return true;
}

}  // namespace

std::size_t turnix::test::allocations_made() noexcept { return made; }

turnix::test::failing_allocation::failing_allocation(std::size_t nth, std::size_t more) noexcept {
    before_failure = nth;
    to_fail = 1 + more;
    failed = false;
}
turnix::test::failing_allocation::~failing_allocation() { before_failure = 0; }
bool turnix::test::failing_allocation::has_failed() noexcept { return failed; }

void* operator new(std::size_t size) {
    if (fails_now()) throw std::bad_alloc{};
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
// Else AddressSanitizer's own would pair with the delete below.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return fails_now() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
