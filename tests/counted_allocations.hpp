// How much memory is asked for: programs that link counted_allocations.cpp count every operator new.
#pragma once

#include <cstddef>

namespace turnix::test {

/// By this thread, in its life.
std::size_t allocations_made() noexcept;

}  // namespace turnix::test
