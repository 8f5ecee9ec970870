// The overrides that hold, as one worker's protocol core asks them: who may begin, and under which claims.
//
// One for each worker, used on its thread; the snapshot inside is shared and immutable.
#pragma once

#include "common/contract/override_set.hpp"
#include "relay/turn/known_credential.hpp"

#include <memory>
#include <utility>

namespace turnix::turn {

class credential_overrides {
  public:
    void use(std::shared_ptr<const contract::override_set> overrides) noexcept {
        overrides_ = std::move(overrides);
    }

    [[nodiscard]] contract::credential_standing standing_of(const credential::claims& of) const noexcept {
        return overrides_ ? overrides_->standing_of(of) : contract::credential_standing{};
    }

    /// The same credential with the term and the limits that overrides give it; null when it is revoked.
    [[nodiscard]] shared_credential judge(shared_credential candidate) const;

  private:
    std::shared_ptr<const contract::override_set> overrides_;
};

/// `of` under the term and the limits that its standing says; `of` itself when it says nothing new.
[[nodiscard]] shared_credential amended(shared_credential of, const contract::credential_standing& standing);

}  // namespace turnix::turn
