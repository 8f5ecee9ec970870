#include "daemon/data_directory.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace turnix::daemon {
namespace {

constexpr int none = -1;

/// A descriptor that holds the lock, `none` when another process does.
int lock(const data_directory& directory) {
    const auto file = directory.lock_file();
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor == none) {
        throw std::runtime_error{
            fmt::format("{}: cannot be opened: {}; data.directory must exist and be writable to the daemon",
                        file.string(), std::generic_category().message(errno))};
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    ::close(descriptor);
    return none;
}

int lock_or_throw(const data_directory& directory) {
    const int descriptor = lock(directory);
    if (descriptor != none) return descriptor;
    throw std::runtime_error{
        fmt::format("{}: another turnixd works on this data directory; stop it, or give this one a "
                    "data.directory of its own",
                    directory.path.string())};
}

}  // namespace

data_directory_lock::data_directory_lock(const data_directory& directory)
    : descriptor_{lock_or_throw(directory)} {}

std::optional<data_directory_lock> data_directory_lock::try_acquire(const data_directory& directory) {
    const int descriptor = lock(directory);
    if (descriptor == none) return std::nullopt;
    return data_directory_lock{descriptor};
}

data_directory_lock::~data_directory_lock() {
    if (descriptor_ != none) ::close(descriptor_);
}

data_directory_lock::data_directory_lock(data_directory_lock&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, none)} {}

}  // namespace turnix::daemon
