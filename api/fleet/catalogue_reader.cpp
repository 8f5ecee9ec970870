#include "api/fleet/catalogue_reader.hpp"

#include "api/fleet/gossip/limits.hpp"
#include "api/fleet/node_key.hpp"
#include "common/config/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace turnix::fleet {

namespace {

using config::document_node;
using config::value_error;
using form = config::document_node::form;

/// Text of a certain form: slug, country, host.
struct checked_text {
    using value_type = std::string;
    std::string_view description;
    bool (*is_such)(std::string_view) noexcept;

    [[nodiscard]] std::string describe() const { return std::string{description}; }
    [[nodiscard]] config::read_result<std::string> read(const document_node& node) const {
        if (node.is == form::scalar && is_such(node.scalar)) return node.scalar;
        return value_error{&node, fmt::format("is not {}", description)};
    }
};

struct degrees {
    using value_type = double;
    double most;

    [[nodiscard]] std::string describe() const { return fmt::format("degrees from -{} to {}", most, most); }
    [[nodiscard]] config::read_result<double> read(const document_node& node) const {
        double value{};
        const auto* const end = node.scalar.data() + node.scalar.size();
        const auto [rest, failure] = std::from_chars(node.scalar.data(), end, value);
        if (failure != std::errc{} || rest != end) return value_error{&node, "is not a number"};
        if (!(value >= -most && value <= most)) return value_error{&node, "is out of range"};
        return value;
    }
};

struct public_key_text {
    using value_type = crypto::ed25519_public_key;

    [[nodiscard]] std::string describe() const { return "a node's public key, 43 characters of base64url"; }
    [[nodiscard]] config::read_result<value_type> read(const document_node& node) const {
        const auto key = public_key_from(node.scalar);
        if (!key) return value_error{&node, fmt::format("is not {}", describe())};
        return *key;
    }
};

bool is_country(std::string_view text) noexcept {
    return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// A host name, or an address without brackets.
bool is_host(std::string_view text) noexcept {
    if (net::address::parse(text)) return true;
    return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.';
           });
}

constexpr checked_text slug{"a slug: a-z, 0-9 and inner hyphens, at most 32", is_region_slug};
constexpr checked_text country{"a country's two letters in upper case", is_country};
constexpr checked_text host{"a host name or an IP address", is_host};
constexpr config::text label{1, 100};
constexpr config::whole_number<std::uint16_t> port{1, std::numeric_limits<std::uint16_t>::max()};

}  // namespace

bool is_region_slug(std::string_view text) noexcept {
    return !text.empty() && text.size() <= region_slug_length_max && text.front() != '-' &&
           text.back() != '-' && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::vector<region_entry> catalogue_reader::read(const std::string& text) {
    auto document = config::parse_document(text, source_);
    if (document.has_error()) {
        faults_.push_back(document.error());
        return {};
    }
    const section root{*document, {}};
    std::vector<region_entry> regions;
    if (!expect_keys(root, {"regions"})) return regions;
    std::set<std::string> slugs;
    for (const auto& from : sections_of(root, "regions")) {
        regions.push_back(read_region(from));
        if (!slugs.insert(regions.back().slug).second && !regions.back().slug.empty()) {
            refuse({*from.node.find("slug"), from.key + ".slug"}, "stands twice", "give each its own slug");
        }
    }
    return regions;
}

region_entry catalogue_reader::read_region(const section& from) {
    region_entry region;
    if (!expect_keys(from, {"slug", "country", "city", "name", "lat", "lon", "assume_online", "nodes"})) {
        return region;
    }
    read_required(from, "slug", slug, region.slug);
    read_required(from, "country", country, region.country);
    read_required(from, "city", label, region.city);
    read_required(from, "name", label, region.name);
    read_required(from, "lat", degrees{90}, region.location.latitude);
    read_required(from, "lon", degrees{180}, region.location.longitude);
    read_optional(from, "assume_online", config::flag{}, region.assume_online);
    for (const auto& node : sections_of(from, "nodes")) region.nodes.push_back(read_node(node));
    return region;
}

node_entry catalogue_reader::read_node(const section& from) {
    node_entry node;
    if (!expect_keys(from, {"host", "udp", "tcp", "tls", "dtls", "gossip", "public_key"})) return node;
    read_required(from, "host", host, node.host);
    read_optional(from, "udp", port, node.udp);
    read_optional(from, "tcp", port, node.tcp);
    read_optional(from, "tls", port, node.tls);
    read_optional(from, "dtls", port, node.dtls);
    constexpr std::array ports{"udp", "tcp", "tls", "dtls"};
    const bool has_port =
        std::ranges::any_of(ports, [&](std::string_view key) { return from.node.find(key) != nullptr; });
    if (!has_port) refuse(from, "names no port", "give at least one of udp, tcp, tls and dtls");
    if (from.node.find("gossip") != nullptr || from.node.find("public_key") != nullptr) {
        read_gossiper(from, node);
    }
    return node;
}

void catalogue_reader::read_gossiper(const section& from, node_entry& into) {
    net::endpoint address;
    crypto::ed25519_public_key pinned{};
    read_required(from, "gossip", config::endpoint_text, address);
    read_required(from, "public_key", public_key_text{}, pinned);
    into.gossiper.emplace(pinned, address);
    const auto* const key = from.node.find("public_key");
    if (key == nullptr) return;
    if (!public_keys_.insert(pinned).second) {
        refuse({*key, from.key + ".public_key"}, "stands twice", "give each node its own");
    } else if (public_keys_.size() == gossip::nodes_max + 1) {
        refuse({*key, from.key + ".public_key"}, "is one too many",
               fmt::format("let at most {} nodes gossip", gossip::nodes_max));
    }
}

std::vector<catalogue_reader::section> catalogue_reader::sections_of(const section& parent,
                                                                     std::string_view key) {
    const auto path = parent.key.empty() ? std::string{key} : fmt::format("{}.{}", parent.key, key);
    const auto* const list = parent.node.find(key);
    std::vector<section> sections;
    if (list == nullptr || list->is != form::sequence || list->members.empty()) {
        refuse({list == nullptr ? parent.node : *list, path}, "is not a list with something in it",
               "list at least one");
        return sections;
    }
    for (std::size_t i = 0; i < list->members.size(); ++i) {
        sections.push_back({list->members[i], fmt::format("{}[{}]", path, i)});
    }
    return sections;
}

bool catalogue_reader::expect_keys(const section& mapping, std::initializer_list<std::string_view> known) {
    if (mapping.node.is != form::mapping) {
        refuse(mapping, "is not a mapping", fmt::format("give it the keys {}", fmt::join(known, ", ")));
        return false;
    }
    for (const auto& member : mapping.node.members) {
        if (std::ranges::find(known, member.key) != known.end()) continue;
        const auto path = mapping.key.empty() ? member.key : fmt::format("{}.{}", mapping.key, member.key);
        refuse({member, path}, "is not a key here", fmt::format("the keys are {}", fmt::join(known, ", ")));
    }
    return true;
}

template <class Codec>
void catalogue_reader::read_required(const section& from, std::string_view key, const Codec& codec,
                                     typename Codec::value_type& into) {
    if (from.node.find(key) != nullptr) return read_optional(from, key, codec, into);
    refuse({from.node, fmt::format("{}.{}", from.key, key)}, "is missing",
           fmt::format("give {}", codec.describe()));
}

template <class Codec>
void catalogue_reader::read_optional(const section& from, std::string_view key, const Codec& codec,
                                     typename Codec::value_type& into) {
    const auto* const node = from.node.find(key);
    if (node == nullptr) return;
    auto value = codec.read(*node);
    if (value) {
        into = std::move(*value);
        return;
    }
    refuse({*node, fmt::format("{}.{}", from.key, key)}, std::move(value.error().problem),
           fmt::format("give {}", codec.describe()));
}

void catalogue_reader::refuse(const section& where, std::string problem, std::string remedy) {
    const bool is_scalar = where.node.is == form::scalar;
    faults_.push_back({.at = {source_, where.node.line},
                       .key = where.key,
                       .value = is_scalar ? where.node.scalar : std::string{},
                       .problem = std::move(problem),
                       .remedy = std::move(remedy)});
}

}  // namespace turnix::fleet
