// The regions of the fleet as regions.yaml lists them: what exists, not what works at present.
//
// Read once at start; immutable afterwards; any thread.
#pragma once

#include "api/fleet/coordinates.hpp"
#include "api/fleet/gossip/identity.hpp"
#include "common/config/fault.hpp"
#include "common/net/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnix::fleet {

inline constexpr std::size_t region_slug_length_max = 32;

/// True for a-z, 0-9 and inner hyphens, at most 32 characters.
bool is_region_slug(std::string_view text) noexcept;

/// A node as clients reach it; a port of 0 is not served. `host` is a name or an address without brackets.
struct node_entry {
    std::string host;
    std::uint16_t udp{0};
    std::uint16_t tcp{0};
    std::uint16_t tls{0};
    std::uint16_t dtls{0};
    std::optional<gossip::known_node> gossiper{};  ///< of a node that gossips

    friend bool operator==(const node_entry&, const node_entry&) = default;
};

struct region_entry {
    std::string slug;
    std::string country;  ///< ISO 3166-1 alpha-2, upper case
    std::string city;
    std::string name;
    coordinates location;
    /// Counts as online although this node hears nothing of it: for a fleet whose nodes run without gossip.
    bool assume_online{false};
    std::vector<node_entry> nodes;  ///< at least one
};

class region_catalogue {
  public:
    /// Everything that is wrong with the file at once, or the catalogue.
    static result<region_catalogue, std::vector<config::fault>> load(const std::filesystem::path& file);
    /// The same for a text; `source` names it in faults.
    static result<region_catalogue, std::vector<config::fault>> parse(const std::string& text,
                                                                      const std::string& source);

    /// In the file's order.
    [[nodiscard]] std::span<const region_entry> regions() const noexcept { return regions_; }
    /// Null when there is no such region.
    [[nodiscard]] const region_entry* find(std::string_view slug) const noexcept;
    /// The nodes that gossip, of all regions.
    [[nodiscard]] std::vector<gossip::known_node> gossipers() const;

  private:
    explicit region_catalogue(std::vector<region_entry> regions) noexcept : regions_{std::move(regions)} {}

    std::vector<region_entry> regions_;
};

}  // namespace turnix::fleet
