#include "tests/counted_allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t made = 0;

}  // namespace

std::size_t turnix::test::allocations_made() noexcept { return made; }

void* operator new(std::size_t size) {
    ++made;
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
// Else AddressSanitizer's own would pair with the delete below.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    ++made;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
