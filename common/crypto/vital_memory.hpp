// Memory for what nobody can go on without safely: digests, MACs, ciphers and random numbers. OpenSSL takes
// some at each of them; where the system has none, a reserve lends it, so that they do not fail.
//
// It is put under OpenSSL's allocations before main() begins. Only what is asked for in a vital_section comes
// out of the reserve: a handshake, which can be refused, gets none of it. Any thread; nobody waits for a lock
// while the system has memory. The reserve is of fixed size: 256 KiB in small blocks, 512 KiB in larger ones.
#pragma once

#include <cstddef>

namespace turnix::crypto {

/// While one lives on this thread, OpenSSL's allocations of this thread are vital.
class vital_section {
  public:
    vital_section() noexcept;
    ~vital_section();
    vital_section(const vital_section&) = delete;
    vital_section& operator=(const vital_section&) = delete;
};

/// Blocks of the reserve that are in use at this moment.
std::size_t vital_blocks_lent() noexcept;

/// Where OpenSSL's memory comes from: std::malloc, but in tests. What it gives is given to std::free.
using memory_source = void* (*)(std::size_t bytes);
void take_openssl_memory_from(memory_source source) noexcept;

}  // namespace turnix::crypto
