// A relay that says of its load what a test wants.
#pragma once

#include "common/contract/session_control.hpp"

namespace turnix {

class relay_stub final : public contract::session_control {
  public:
    [[nodiscard]] contract::relay_load load() const noexcept override { return now; }
    void take_events(std::vector<contract::session_event>& /*into*/) override {}

    contract::relay_load now{.sessions = 0, .sessions_max = 10};
};

}  // namespace turnix
