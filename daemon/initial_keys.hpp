// The key ring of a new node.
#pragma once

#include "common/credential/key_ring.hpp"

#include <chrono>

namespace turnix::daemon {

/// One key, for ten years.
inline credential::key_ring initial_keys() {
    constexpr std::chrono::days validity{3650};
    return credential::key_ring::generate(instant::now(), validity);
}

}  // namespace turnix::daemon
