// Whatever a regions file holds, each fault of it says what is wrong and what would be right, or its regions
// are ones that exist once, lie on the globe and have nodes that serve.
#include "api/fleet/region_catalogue.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace turnix::fuzz {

namespace {

void check_fault(const config::fault& fault) { expect(!fault.problem.empty() && !fault.remedy.empty()); }

void check_node(const fleet::node_entry& node) {
    expect(!node.host.empty());
    expect(node.udp != 0 || node.tcp != 0 || node.tls != 0 || node.dtls != 0);
}

void check_region(const fleet::region_entry& region) {
    expect(fleet::is_region_slug(region.slug));
    expect(std::abs(region.location.latitude) <= 90 && std::abs(region.location.longitude) <= 180);
    expect(!region.nodes.empty());
    std::ranges::for_each(region.nodes, check_node);
}

}  // namespace

void run(std::span<const std::byte> input) {
    std::string text(input.size(), '\0');
    if (!input.empty()) std::memcpy(text.data(), input.data(), input.size());
    const auto read = fleet::region_catalogue::parse(text, "input");
    if (read.has_error()) {
        expect(!read.error().empty());
        std::ranges::for_each(read.error(), check_fault);
        return;
    }
    expect(!read->regions().empty());
    for (const auto& region : read->regions()) {
        check_region(region);
        expect(read->find(region.slug) == &region);
    }
}

}  // namespace turnix::fuzz
