// What OpenSSL asks for is counted, and fails on demand, like every operator new of counted_allocations.hpp.
#pragma once

#include "common/crypto/vital_memory.hpp"

#include <cstdlib>
#include <new>

namespace turnix::test {

/// While it lives. Of counted_allocations.cpp, std::free takes what operator new has given.
class counted_openssl {
  public:
    counted_openssl() noexcept {
        crypto::take_openssl_memory_from(
            [](std::size_t bytes) { return ::operator new(bytes, std::nothrow); });
    }
    ~counted_openssl() { crypto::take_openssl_memory_from(std::malloc); }
    counted_openssl(const counted_openssl&) = delete;
    counted_openssl& operator=(const counted_openssl&) = delete;
};

}  // namespace turnix::test
