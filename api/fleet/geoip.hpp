// Where an address is, from a MaxMind DB file.
//
// Three layouts are read: GeoIP2, GeoLite2 and DB-IP (nested, with coordinates), the flat layout of
// @ip-location-db (latitude, longitude), and files that know only the country, whose centroid stands in. The
// file is read from a private copy, so that replacing or truncating it never touches the daemon. Any thread.
#pragma once

#include "api/fleet/coordinates.hpp"
#include "common/net/address.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace turnix::fleet {

class geoip {
  public:
    /// Throws std::runtime_error with the file's name, the fault and the remedy: missing, unreadable, not an
    /// MMDB, truncated, a layout without places.
    static geoip open(const std::filesystem::path& file);
    ~geoip();
    geoip(geoip&&) noexcept;
    geoip& operator=(geoip&&) noexcept;

    /// Nothing when the file does not know the address.
    [[nodiscard]] std::optional<coordinates> locate(const net::address& of) const noexcept;

  private:
    struct database;
    explicit geoip(std::unique_ptr<database> opened) noexcept;
    std::unique_ptr<database> database_;
};

}  // namespace turnix::fleet
