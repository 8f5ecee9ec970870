// Names another node of the fleet to clients that this one takes no more.
//
// Filled on the control thread, asked on the workers': what they ask is one snapshot, taken up behind a mutex
// that is held for a copy of a pointer, and off a packet's way.
#pragma once

#include "api/fleet/standby_nodes.hpp"
#include "relay/turn/alternate_servers.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace turnix::daemon {

class alternates final : public turn::alternate_servers {
  public:
    /// From here on these are named; before the first, nobody is.
    void use(std::shared_ptr<const fleet::standby_nodes> nodes);

    [[nodiscard]] std::optional<turn::alternate_server> find(const turn::client_path& client,
                                                             const credential::claims& claims) const override;

  private:
    mutable std::mutex guard_;
    std::shared_ptr<const fleet::standby_nodes> nodes_;
};

}  // namespace turnix::daemon
