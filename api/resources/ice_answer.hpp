// The answer to POST /api/v1/credentials/ice, written as text: a tree of values, with the URLs made anew each
// time, costs as much as to seal what is in it.
//
// What goes in has no characters that JSON escapes: base64url, slugs, times; URLs are escaped here.
#pragma once

#include "api/fleet/region_catalogue.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/claims.hpp"
#include "common/credential/sealed_credential.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace turnix::api {

/// The servers of a node up to where the credential stands: the same for all whom it serves.
[[nodiscard]] std::string servers_text(const fleet::node_entry& node);

class ice_answer {
  public:
    /// `servers` is of servers_text and outlives the answer.
    explicit ice_answer(std::string_view servers) noexcept : servers_{servers} {}

    /// Whoever knows one credential only uses the first.
    void add(credential::party role, const credential::issued_credential& made);

    struct terms {
        wall_time expires_at;
        std::chrono::seconds ttl;
        std::string_view region;  ///< its slug
        bool relays_only{false};  ///< both ends must offer relayed candidates only
        bool stale{false};        ///< this node may be cut off from the others
    };
    [[nodiscard]] std::string finish(const terms& of) const;

  private:
    std::string_view servers_;
    std::string first_;
    std::string parties_;
};

}  // namespace turnix::api
