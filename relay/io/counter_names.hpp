// The counters of relay/io by name, for metrics: an event's name is its enumerator's, and stable text.
#pragma once

#include "relay/io/counters.hpp"

#include <string_view>

namespace turnix::io {

std::string_view to_string(datagram_event value) noexcept;
std::string_view to_string(stream_event value) noexcept;
std::string_view to_string(dtls_event value) noexcept;

}  // namespace turnix::io
