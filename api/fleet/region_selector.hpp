// Which region serves a caller: the fixed one, else the preferred one, else the operational one that costs
// the least: see selection_cost.hpp.
//
// Any thread.
#pragma once

#include "api/fleet/geoip.hpp"
#include "api/fleet/region_directory.hpp"
#include "api/fleet/selection_cost.hpp"
#include "common/net/address.hpp"
#include "common/net/result.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace turnix::fleet {

enum class selection_error : std::uint8_t {
    unknown_region,   ///< the catalogue has no such fixed region
    not_operational,  ///< the fixed region, or every region, is down, draining or full
};
std::string_view to_string(selection_error value) noexcept;
/// What result::value() throws: std::runtime_error.
[[noreturn]] void throw_exception_from_error(selection_error error, const boost::source_location& where);

struct selection_wish {
    std::string_view fixed{};      ///< empty: any
    std::string_view preferred{};  ///< empty: none; one that is unknown or down is passed over
    std::optional<net::address> client{};
};

struct ranked_region {
    const region_entry* region{nullptr};
    region_state state;
    double distance_km{0};  ///< from the caller, or from where it is taken to be
    std::optional<gossip::round_trip_time> round_trip{};  ///< from the ranking's nearest one
    selection_cost cost{};                                ///< the ranking goes by its total; the least first
};

/// How the regions stand for one caller.
struct ranking {
    std::optional<coordinates> client;  ///< nothing: not known, and taken to be where this node is
    const region_entry* nearest{
        nullptr};                        ///< to the caller, on the map, of those that live; null without any
    std::vector<ranked_region> regions;  ///< operational ones first, the best at the front
};

class region_selector {
  public:
    /// Without a database every caller is near this node's region. `directory` must outlive the selector.
    region_selector(const region_directory& directory, std::optional<geoip> database)
        : directory_{directory} {
        use(std::move(database));
    }
    region_selector(const region_selector&) = delete;
    region_selector& operator=(const region_selector&) = delete;

    /// From here on callers are located by this one; who is just being located still is by the one before.
    void use(std::optional<geoip> database);

    [[nodiscard]] result<const region_entry*, selection_error> select(const selection_wish& wish) const;
    /// What decides where no region is wished for.
    [[nodiscard]] ranking rank(const std::optional<net::address>& client) const;

  private:
    void weigh(ranking& made) const;
    [[nodiscard]] std::optional<coordinates> place_of(const std::optional<net::address>& client) const;

    const region_directory& directory_;
    mutable std::mutex guard_;
    std::shared_ptr<const geoip> database_;  ///< null without one
};

}  // namespace turnix::fleet
