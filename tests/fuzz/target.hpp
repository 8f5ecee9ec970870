// What a fuzz target is made of: one function that takes any bytes and says what must hold of them.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <span>

namespace turnix::fuzz {

/// Defined by each target. Reports a fault by `expect`, or by what the sanitizers find.
void run(std::span<const std::byte> input);

/// Ends the process with the place of the expectation when it does not hold.
inline void expect(bool holds, const std::source_location& where = std::source_location::current()) {
    if (holds) return;
    std::fprintf(stderr, "%s:%u: does not hold\n", where.file_name(), where.line());
    std::abort();
}

}  // namespace turnix::fuzz
