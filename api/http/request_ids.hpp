// Names for requests, to find them in the log: distinct, in no other way meaningful.
#pragma once

#include <cstdint>
#include <string>

namespace turnix::http {

class request_ids {
  public:
    /// Begins at a random place, so that two runs do not repeat each other.
    request_ids();

    /// 16 hexadecimal digits.
    [[nodiscard]] std::string next();

  private:
    std::uint64_t counter_;
};

}  // namespace turnix::http
