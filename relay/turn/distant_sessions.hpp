// The 5-tuples of this worker whose sessions are another worker's, for as long as these wait there (RFC
// 8016).
//
// Used on the worker's thread. There are never more than mobile sessions; what waits for a session on its way
// is bounded.
#pragma once

#include "relay/turn/node_mobility.hpp"
#include "relay/turn/routes.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace turnix::turn {

struct distant_session {
    /// A move takes some microseconds: what comes beyond this is dropped, as on a slow network.
    static constexpr std::size_t waiting_max = 64;

    worker_number home{0};
    std::uint32_t handle{0};  ///< of the path: its 5-tuple may come again with another connection
    bool claimed{false};      ///< on its way here
    std::vector<std::vector<std::byte>> waiting;

    /// Keeps a copy of what came; false when too much waits.
    [[nodiscard]] bool keep(std::span<const std::byte> message);
};

class distant_sessions {
  public:
    /// Null when the session of that path is not another worker's.
    [[nodiscard]] distant_session* find(const client_path& path) noexcept;
    [[nodiscard]] bool contains(const client_path& path) const noexcept { return paths_.contains(path); }
    void add(const client_path& path, worker_number home);
    void remove(const client_path& path) noexcept { paths_.erase(path); }

  private:
    boost::unordered_flat_map<client_path, distant_session, client_path_hash> paths_;
};

}  // namespace turnix::turn
