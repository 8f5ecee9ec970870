#include "tests/fuzz/target.hpp"

#include <cstdint>

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    turnix::fuzz::run(std::as_bytes(std::span{data, size}));
    return 0;
}
