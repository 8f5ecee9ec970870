// From the text of regions.yaml to its entries, finding every fault on the way. Used at start.
#pragma once

#include "api/fleet/region_catalogue.hpp"
#include "common/config/document.hpp"

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::fleet {

class catalogue_reader {
  public:
    explicit catalogue_reader(std::string source) : source_{std::move(source)} {}

    /// What could be read; whole only when there are no faults.
    [[nodiscard]] std::vector<region_entry> read(const std::string& text);
    [[nodiscard]] std::vector<config::fault> take_faults() noexcept { return std::move(faults_); }

  private:
    /// A mapping and the key that leads to it: "regions[3]".
    struct section {
        const config::document_node& node;
        std::string key;
    };

    region_entry read_region(const section& from);
    node_entry read_node(const section& from);
    /// Of a node that has either key; both are needed, and each public key stands once in the file.
    void read_gossiper(const section& from, node_entry& into);

    /// The members of a sequence that must be there and hold something; none when it does not.
    [[nodiscard]] std::vector<section> sections_of(const section& parent, std::string_view key);
    /// A mapping with no other keys than these?
    bool expect_keys(const section& mapping, std::initializer_list<std::string_view> known);
    template <class Codec>
    void read_required(const section& from, std::string_view key, const Codec& codec,
                       typename Codec::value_type& into);
    template <class Codec>
    void read_optional(const section& from, std::string_view key, const Codec& codec,
                       typename Codec::value_type& into);
    void refuse(const section& where, std::string problem, std::string remedy);

    std::string source_;
    std::set<crypto::ed25519_public_key> public_keys_;
    std::vector<config::fault> faults_;
};

}  // namespace turnix::fleet
