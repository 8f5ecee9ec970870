// A library that is loaded into a daemon before its own: of what the program asks for in C++ (and Asio of the
// C library), those allocations fail that the test wishes. They are counted from the start of the process,
// over all threads; which are to fail stands in a file that both have mapped.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

/// As it is in the file, in the machine's order; it is long enough when the process starts.
struct plan {
    std::atomic<std::uint64_t> asked;   ///< for how many so far
    std::atomic<std::uint64_t> failed;  ///< of them
    std::atomic<std::uint64_t> first;   ///< that is to fail
    std::atomic<std::uint64_t> end;     ///< of those that are to fail
};

plan* mapped = nullptr;

[[gnu::constructor]] void map_plan() {
    const char* const file = std::getenv("TURNIX_FAILING_ALLOCATIONS");
    const int descriptor = file == nullptr ? -1 : ::open(file, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return;
    void* const at = ::mmap(nullptr, sizeof(plan), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (at != MAP_FAILED) mapped = static_cast<plan*>(at);
}

bool fails_now() noexcept {
    if (mapped == nullptr) return false;
    const auto number = mapped->asked.fetch_add(1) + 1;
    if (number < mapped->first || number >= mapped->end) return false;
    mapped->failed.fetch_add(1);
    return true;
}

void* allocate(std::size_t size) noexcept {
    return fails_now() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void* operator new(std::size_t size) {
    if (void* const memory = allocate(size)) return memory;
    throw std::bad_alloc{};
}
void* operator new[](std::size_t size) { return ::operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return allocate(size); }

// For Asio's operations.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    void* memory = nullptr;
    if (fails_now() || ::posix_memalign(&memory, alignment, size) != 0) return nullptr;
    return memory;
}
