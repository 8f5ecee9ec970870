// The credential id that the API shows: "ice_" + base64url(credential id(16) | project id(16) | MAC(8)).
//
// It carries the project under a MAC, so that any node can act on it without a row.
#pragma once

#include "common/credential/identifiers.hpp"
#include "common/credential/key_ring.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace turnix::credential {

struct credential_reference {
    credential_id id;
    project_id project;

    [[nodiscard]] std::string seal(const key& under) const;
    /// Tries each key of the ring, in date or not; nothing when the MAC fits none.
    static std::optional<credential_reference> open(std::string_view text, const key_ring& ring);

    friend bool operator==(const credential_reference&, const credential_reference&) = default;
};

}  // namespace turnix::credential
