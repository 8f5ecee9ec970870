// SQLite's way to the disk, failing on demand: while one lives, databases that are opened go through it.
#pragma once

#include <atomic>
#include <string>

#include <sqlite3.h>

namespace turnix::tests {

class failing_disk {
  public:
    failing_disk();
    ~failing_disk();
    failing_disk(const failing_disk&) = delete;
    failing_disk& operator=(const failing_disk&) = delete;

    /// Of the calls that come, counted from 1, number `first` and those after it fail, `times` in all.
    void fail(int first, int times, int code) noexcept;
    void heal() noexcept { left_ = 0; }
    [[nodiscard]] int failures() const noexcept { return failures_; }

    /// What this call is to answer: SQLITE_OK where the real one may be made.
    int next() noexcept;
    [[nodiscard]] sqlite3_vfs& real() const noexcept { return *real_; }

  private:
    sqlite3_vfs* real_{sqlite3_vfs_find(nullptr)};
    sqlite3_vfs own_{};
    std::atomic<int> before_{0};
    std::atomic<int> left_{0};
    std::atomic<int> code_{SQLITE_OK};
    std::atomic<int> failures_{0};
};

}  // namespace turnix::tests
