// From how much is in use to what the node does without: docs/security.md, "Overload".
#pragma once

#include "common/contract/load_step.hpp"

namespace turnix::daemon {

class load_ladder {
  public:
    /// `share` of the scarcest resource, from 0 to 1. Up at 80, 90 and 95 %; down only 2 % below each, so
    /// that a node at the edge does not change its mind with every session.
    contract::load_step heed(double share) noexcept;

  private:
    contract::load_step step_{contract::load_step::none};
};

}  // namespace turnix::daemon
