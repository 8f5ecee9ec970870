// How large a proof is, and how it says what it measured. Tests on one thread.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace turnix::tests {

/// TURNIX_PROVE_SCALE=full; anything else is a sample that fits into every run.
inline bool is_full_scale() {
    const char* const scale = std::getenv("TURNIX_PROVE_SCALE");  // NOLINT(concurrency-mt-unsafe)
    return scale != nullptr && std::string_view{scale} == "full";
}

/// Of `all` rounds that are alike: a sanitizer, under which each takes some ten times longer, does a tenth.
constexpr auto rounds(auto all) {
#ifdef TURNIX_IS_SANITIZED
    return all / 10;
#else
    return all;
#endif
}

/// What was measured for the promise of that key in tests/prove/promises.toml, for the report of `./dev
/// prove`.
inline void tell_figure(std::string_view promise, std::string_view figure) {
    std::cout << "figure: " << promise << ": " << figure << '\n' << std::flush;
}

}  // namespace turnix::tests
