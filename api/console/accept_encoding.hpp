// Accept-Encoding (RFC 9110 §12.5.3). Pure functions; any thread.
#pragma once

#include <string_view>

namespace turnix::console {

/// Whether a client that sends this field takes the coding; "*" stands for all that are not named. An empty
/// field takes none.
[[nodiscard]] bool accepts(std::string_view accept_encoding, std::string_view coding) noexcept;

}  // namespace turnix::console
