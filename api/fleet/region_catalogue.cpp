#include "api/fleet/region_catalogue.hpp"

#include "api/fleet/catalogue_reader.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace turnix::fleet {

result<region_catalogue, std::vector<config::fault>> region_catalogue::load(
    const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    stream.peek();  // a directory opens, and fails here
    if (!stream.is_open() || stream.bad()) {
        return std::vector{
            config::fault{.at = {.source = file.string()},
                          .problem = "cannot be read",
                          .remedy = "set node.regions_file to a file that the daemon can read"}};
    }
    return parse({std::istreambuf_iterator<char>{stream}, {}}, file.string());
}

result<region_catalogue, std::vector<config::fault>> region_catalogue::parse(const std::string& text,
                                                                             const std::string& source) {
    catalogue_reader reader{source};
    auto regions = reader.read(text);
    auto faults = reader.take_faults();
    if (!faults.empty()) return faults;
    return region_catalogue{std::move(regions)};
}

const region_entry* region_catalogue::find(std::string_view slug) const noexcept {
    const auto found = std::ranges::find(regions_, slug, &region_entry::slug);
    return found == regions_.end() ? nullptr : &*found;
}

std::vector<gossip::known_node> region_catalogue::gossipers() const {
    std::vector<gossip::known_node> found;
    for (const auto& region : regions_) {
        for (const auto& node : region.nodes) {
            if (node.gossiper) found.push_back(*node.gossiper);
        }
    }
    return found;
}

}  // namespace turnix::fleet
