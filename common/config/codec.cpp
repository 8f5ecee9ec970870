#include "common/config/codec.hpp"

#include <algorithm>
#include <array>

namespace turnix::config {
namespace {

using form = document_node::form;

/// Nothing when `node` is a mapping of the members named, the first of them present.
std::optional<value_error> check_members(const document_node& node, std::string_view required,
                                         std::string_view other) {
    if (node.is != form::mapping) return value_error{&node, "is not a mapping"};
    if (node.find(required) == nullptr) return value_error{&node, fmt::format("has no {}", required)};
    for (const auto& member : node.members) {
        if (member.key == required || member.key == other) continue;
        return value_error{&node, fmt::format("has an unknown member {}", member.key)};
    }
    return std::nullopt;
}

const choice<net::transport> transport_word{{{"udp", net::transport::udp},
                                             {"tcp", net::transport::tcp},
                                             {"tls", net::transport::tls},
                                             {"dtls", net::transport::dtls}}};

}  // namespace

read_result<bool> flag::read(const document_node& node) const {
    if (node.is == form::scalar && node.scalar == "true") return true;
    if (node.is == form::scalar && node.scalar == "false") return false;
    return value_error{&node, "is neither true nor false"};
}

std::string text::describe() const {
    return bytes_least == 0 ? fmt::format("text of at most {} bytes", bytes_most)
                            : fmt::format("text of {} to {} bytes", bytes_least, bytes_most);
}

read_result<std::string> text::read(const document_node& node) const {
    if (node.is != form::scalar && node.is != form::null) return value_error{&node, "is not text"};
    if (node.scalar.size() < bytes_least) return value_error{&node, "is too short"};
    if (node.scalar.size() > bytes_most) return value_error{&node, "is too long"};
    const auto is_control = [](char character) {
        return static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
    };
    if (std::ranges::any_of(node.scalar, is_control)) {
        return value_error{&node, "has control characters"};
    }
    return node.scalar;
}

read_result<std::filesystem::path> file_path::read(const document_node& node) const {
    if (node.is != form::scalar || node.scalar.empty()) return value_error{&node, "is not a path"};
    if (node.scalar.find('\0') != std::string::npos) return value_error{&node, "has a zero byte"};
    return value_type{node.scalar};
}

read_result<project_id> project_text::read(const document_node& node) const {
    const auto id = project_id::parse(node.scalar);
    if (!id) return value_error{&node, "is no project's id"};
    return *id;
}

read_result<contract::listener_settings> listener::read(const document_node& node) const {
    if (auto error = check_members(node, "address", "transport")) return *std::move(error);
    const auto* const transport_node = node.find("transport");
    if (transport_node == nullptr) return value_error{&node, "has no transport"};
    const auto transport = transport_word.read(*transport_node);
    if (!transport) return transport.error();
    const auto address = endpoint_text.read(*node.find("address"));
    if (!address) return address.error();
    return value_type{.transport = *transport, .address = *address};
}

std::string listener::show(const value_type& value) const {
    return fmt::format("{{transport: {}, address: {}}}", transport_word.show(value.transport),
                       endpoint_text.show(value.address));
}

read_result<contract::relay_address_settings> relay_address::read(const document_node& node) const {
    if (auto error = check_members(node, "local", "external")) return *std::move(error);
    const auto local = address_text.read(*node.find("local"));
    if (!local) return local.error();
    value_type value{.local = *local, .external = {}};
    if (const auto* const external_node = node.find("external"); external_node != nullptr) {
        const auto external = optional_of{address_text}.read(*external_node);
        if (!external) return external.error();
        value.external = *external;
    }
    return value;
}

std::string relay_address::show(const value_type& value) const {
    const auto local = address_text.show(value.local);
    return value.external
               ? fmt::format("{{local: {}, external: {}}}", local, address_text.show(*value.external))
               : fmt::format("{{local: {}}}", local);
}

}  // namespace turnix::config
