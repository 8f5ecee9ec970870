// Which node a room's credentials lead to while their peers are those of the room only: there alone it is
// known whose a relay port is, so all of them have to meet on one node.
//
// Thread of the server's io_context. In memory: after a restart, and on another node of the API, a room may
// be pinned anew.
#pragma once

#include "api/fleet/region_catalogue.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"

#include <map>
#include <string>
#include <utility>

namespace turnix::api {

class room_pins {
  public:
    static constexpr std::size_t rooms_max = 100'000;

    struct pin {
        std::string region;  ///< slug
        fleet::node_entry node;
        wall_time until;  ///< the room's last credential expires
    };

    /// Null when the room has no credential that lives.
    [[nodiscard]] const pin* find(const project_id& project, const std::string& room, wall_time now) const;
    /// In the place of what was there, and never for a shorter time. Beyond the maximum, rooms are not
    /// pinned.
    void hold(const project_id& project, const std::string& room, pin where, wall_time now);

  private:
    using key = std::pair<project_id, std::string>;

    std::map<key, pin> pins_;
};

}  // namespace turnix::api
