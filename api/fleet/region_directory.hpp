// What works at present: the catalogue's regions, each online and operational or not, as this node sees it.
//
// Without gossip only this node's own region is known to be online. Control thread.
#pragma once

#include "api/fleet/region_catalogue.hpp"
#include "common/contract/session_control.hpp"

#include <span>
#include <string_view>

namespace turnix::fleet {

struct region_state {
    bool online{false};       ///< a live node is known there
    bool operational{false};  ///< online, not draining, not over capacity
};

class region_directory {
  public:
    /// `own_region` is the slug of this node's region; throws std::runtime_error with the remedy when the
    /// catalogue has no such region. `relay` must outlive the directory.
    region_directory(region_catalogue catalogue, std::string_view own_region,
                     const contract::session_control& relay);
    region_directory(const region_directory&) = delete;
    region_directory& operator=(const region_directory&) = delete;

    [[nodiscard]] std::span<const region_entry> regions() const noexcept { return catalogue_.regions(); }
    [[nodiscard]] const region_entry* find(std::string_view slug) const noexcept {
        return catalogue_.find(slug);
    }
    [[nodiscard]] const region_entry& own() const noexcept { return *own_; }
    /// `which` is one of regions().
    [[nodiscard]] region_state state_of(const region_entry& which) const noexcept;

  private:
    region_catalogue catalogue_;
    const region_entry* own_;
    const contract::session_control& relay_;
};

}  // namespace turnix::fleet
