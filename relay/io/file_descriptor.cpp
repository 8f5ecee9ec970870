#include "relay/io/file_descriptor.hpp"

#include <unistd.h>

namespace turnix::io {

void file_descriptor::reset(int descriptor) noexcept {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = descriptor;
}

}  // namespace turnix::io
