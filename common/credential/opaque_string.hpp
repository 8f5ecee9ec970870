// OpaqueString (RFC 8265 §4.2): the one form that names and passwords of people have before they are compared
// or hashed, as RFC 8489 §9.2.2 and §14.3 ask. Any thread.
//
// The contextual rules of RFC 5892 (for a few joiners, dots and digits) are not applied: they keep names of
// hosts from being mistaken for each other, and here would only refuse what somebody has typed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace turnix::credential {

/// `text` with every space as U+0020 and composed (NFC); printable ASCII stays as it is. Nothing when it is
/// empty, not UTF-8, or has a character outside of the FreeformClass (RFC 8264 §4.3): controls, unassigned
/// and ignorable ones.
[[nodiscard]] std::optional<std::string> opaque_string(std::string_view text);

}  // namespace turnix::credential
