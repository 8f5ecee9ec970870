// Where a node keeps what it must not lose, and the lock that lets one process work on it at a time.
#pragma once

#include <filesystem>
#include <optional>

namespace turnix::daemon {

struct data_directory {
    std::filesystem::path path;

    [[nodiscard]] std::filesystem::path database() const { return path / "turnixd.db"; }
    [[nodiscard]] std::filesystem::path lock_file() const { return path / "lock"; }
    [[nodiscard]] std::filesystem::path start_count() const { return path / "starts"; }
    /// Of mode 0600: who can open it is the operator.
    [[nodiscard]] std::filesystem::path control_socket() const { return path / "control.sock"; }
};

/// Held from construction to destruction, or to the end of the process, however it ends.
class data_directory_lock {
  public:
    /// Throws std::runtime_error with path, fault and remedy: held by another process, missing, not writable.
    explicit data_directory_lock(const data_directory& directory);
    /// Nothing when another process holds it; throws for the other faults.
    static std::optional<data_directory_lock> try_acquire(const data_directory& directory);

    ~data_directory_lock();
    data_directory_lock(data_directory_lock&& other) noexcept;
    data_directory_lock& operator=(data_directory_lock&&) = delete;

  private:
    explicit data_directory_lock(int descriptor) noexcept : descriptor_{descriptor} {}

    int descriptor_;
};

}  // namespace turnix::daemon
