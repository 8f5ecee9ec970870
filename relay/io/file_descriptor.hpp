// Owner of a file descriptor.
#pragma once

#include <utility>

namespace turnix::io {

class file_descriptor {
  public:
    file_descriptor() noexcept = default;
    explicit file_descriptor(int descriptor) noexcept : descriptor_{descriptor} {}
    file_descriptor(file_descriptor&& other) noexcept : descriptor_{other.release()} {}
    file_descriptor& operator=(file_descriptor&& other) noexcept {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~file_descriptor() { reset(); }

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    /// The caller owns it from here on.
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }
    void reset(int descriptor = -1) noexcept;

  private:
    int descriptor_{-1};
};

}  // namespace turnix::io
