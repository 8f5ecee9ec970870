// Which region serves a caller: the fixed one, else the preferred one, else the nearest that is operational.
//
// Control thread.
#pragma once

#include "api/fleet/geoip.hpp"
#include "api/fleet/region_directory.hpp"
#include "common/net/address.hpp"
#include "common/net/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

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

class region_selector {
  public:
    /// Without a database every caller is near this node's region. `directory` must outlive the selector.
    region_selector(const region_directory& directory, std::optional<geoip> database)
        : directory_{directory}, database_{std::move(database)} {}

    [[nodiscard]] result<const region_entry*, selection_error> select(const selection_wish& wish) const;

  private:
    /// Null when no region is operational.
    [[nodiscard]] const region_entry* nearest(const std::optional<net::address>& client) const;
    [[nodiscard]] coordinates place_of(const std::optional<net::address>& client) const;

    const region_directory& directory_;
    std::optional<geoip> database_;
};

}  // namespace turnix::fleet
