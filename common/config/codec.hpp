// How each kind of value is read from a document, written as YAML flow text, and named to people.
//
// A codec is a small value with `value_type`, `describe()` ("a whole number from 1 to 65535"), `read()` and
// `show()`; what show() gives, read() takes back. The schema binds one to each key.
#pragma once

#include "common/config/database_url.hpp"
#include "common/config/document.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/credential/identifiers.hpp"
#include "common/net/cidr.hpp"
#include "common/net/endpoint.hpp"
#include "common/net/result.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace turnix::config {

/// What is wrong with a value: "is not a whole number". `node` is the value itself or the part of it that is
/// meant; it points into the document.
struct value_error {
    const document_node* node{nullptr};
    std::string problem;
};

template <class Value>
using read_result = result<Value, value_error>;

struct flag {
    using value_type = bool;
    [[nodiscard]] std::string describe() const { return "true or false"; }
    [[nodiscard]] read_result<bool> read(const document_node& node) const;
    [[nodiscard]] std::string show(bool value) const { return value ? "true" : "false"; }
};

/// An integer, or a duration counted in its own unit.
template <class Value>
struct whole_number {
    using value_type = Value;
    std::uint64_t least{0};
    std::uint64_t most{0};

    [[nodiscard]] std::string describe() const {
        return fmt::format("a whole number from {} to {}", least, most);
    }
    [[nodiscard]] read_result<Value> read(const document_node& node) const;
    [[nodiscard]] std::string show(Value value) const {
        if constexpr (std::is_integral_v<Value>) {
            return std::to_string(value);
        } else {
            return std::to_string(value.count());
        }
    }
};

/// Text without control characters.
struct text {
    using value_type = std::string;
    std::size_t bytes_least{0};
    std::size_t bytes_most{255};

    [[nodiscard]] std::string describe() const;
    [[nodiscard]] read_result<std::string> read(const document_node& node) const;
    [[nodiscard]] std::string show(const std::string& value) const { return yaml_scalar(value); }
};

/// Where a database is; one with a password in it is not shown.
struct database_address : text {
    [[nodiscard]] std::string show(const std::string& value) const {
        return text::show(std::string{without_secret(value)});
    }
};

struct file_path {
    using value_type = std::filesystem::path;
    [[nodiscard]] std::string describe() const { return "a path"; }
    [[nodiscard]] read_result<value_type> read(const document_node& node) const;
    [[nodiscard]] std::string show(const value_type& value) const { return yaml_scalar(value.string()); }
};

/// One of a few words.
template <class Value>
struct choice {
    using value_type = Value;
    std::vector<std::pair<std::string_view, Value>> words;

    [[nodiscard]] std::string describe() const {
        std::string text;
        for (const auto& [word, value] : words) text += fmt::format("{}{}", text.empty() ? "" : " or ", word);
        return text;
    }
    [[nodiscard]] read_result<Value> read(const document_node& node) const {
        for (const auto& [word, value] : words) {
            if (node.is == document_node::form::scalar && node.scalar == word) return value;
        }
        return value_error{&node, "is none of the choices"};
    }
    [[nodiscard]] std::string show(const Value& value) const {
        for (const auto& [word, meaning] : words) {
            if (meaning == value) return std::string{word};
        }
        return {};
    }
};

/// What parses from text and prints as text: addresses, endpoints, ranges.
template <class Value>
struct parsed {
    using value_type = Value;
    std::string_view description;

    [[nodiscard]] std::string describe() const { return std::string{description}; }
    [[nodiscard]] read_result<Value> read(const document_node& node) const {
        const auto value = Value::parse(node.scalar);
        if (value) return *value;
        return value_error{&node, std::string{to_string(value.error())}};
    }
    [[nodiscard]] std::string show(const Value& value) const { return yaml_scalar(value.to_string()); }
};

inline constexpr parsed<net::address> address_text{"an IP address"};
inline constexpr parsed<net::endpoint> endpoint_text{"ADDRESS:PORT, with IPv6 as \"[ADDRESS]:PORT\""};
inline constexpr parsed<net::cidr> cidr_text{"an address range like 192.0.2.0/24"};

struct project_text {
    using value_type = project_id;
    [[nodiscard]] std::string describe() const { return "a project's id, 32 hexadecimal digits"; }
    [[nodiscard]] read_result<project_id> read(const document_node& node) const;
    [[nodiscard]] std::string show(const project_id& value) const { return yaml_scalar(value.to_string()); }
};

/// {transport: udp, address: "127.0.0.1:3478"}
struct listener {
    using value_type = contract::listener_settings;
    [[nodiscard]] std::string describe() const {
        return "{transport: udp, tcp, tls or dtls, address: \"ADDRESS:PORT\"}";
    }
    [[nodiscard]] read_result<value_type> read(const document_node& node) const;
    [[nodiscard]] std::string show(const value_type& value) const;
};

/// {local: 192.0.2.1, external: 203.0.113.1}; external may be absent.
struct relay_address {
    using value_type = contract::relay_address_settings;
    [[nodiscard]] std::string describe() const { return "{local: ADDRESS, external: ADDRESS}"; }
    [[nodiscard]] read_result<value_type> read(const document_node& node) const;
    [[nodiscard]] std::string show(const value_type& value) const;
};

/// A value, or null for none.
template <class Codec>
struct optional_of {
    using value_type = std::optional<typename Codec::value_type>;
    Codec codec;

    [[nodiscard]] std::string describe() const { return codec.describe() + ", or null"; }
    [[nodiscard]] read_result<value_type> read(const document_node& node) const {
        if (node.is == document_node::form::null) return value_type{};
        auto value = codec.read(node);
        if (!value) return value.error();
        return value_type{std::move(*value)};
    }
    [[nodiscard]] std::string show(const value_type& value) const {
        return value ? codec.show(*value) : "null";
    }
};

/// A list; where `word_for_empty` is given, that word stands for the empty list, which is refused otherwise.
template <class Codec>
struct list_of {
    using value_type = std::vector<typename Codec::value_type>;
    Codec codec;
    std::string_view word_for_empty{};

    [[nodiscard]] std::string describe() const {
        const auto list = fmt::format("a list, each {}", codec.describe());
        return word_for_empty.empty() ? list : fmt::format("{}, or {}", word_for_empty, list);
    }
    [[nodiscard]] read_result<value_type> read(const document_node& node) const;
    [[nodiscard]] std::string show(const value_type& value) const;
};

template <class Value>
read_result<Value> whole_number<Value>::read(const document_node& node) const {
    std::uint64_t number{};
    const auto* const end = node.scalar.data() + node.scalar.size();
    const auto [rest, failure] = std::from_chars(node.scalar.data(), end, number);
    if (failure == std::errc::result_out_of_range) return value_error{&node, "is out of range"};
    if (failure != std::errc{} || rest != end) return value_error{&node, "is not a whole number"};
    if (number < least || number > most) return value_error{&node, "is out of range"};
    return static_cast<Value>(number);
}

template <class Codec>
read_result<typename list_of<Codec>::value_type> list_of<Codec>::read(const document_node& node) const {
    using form = document_node::form;
    if (!word_for_empty.empty() && node.is == form::scalar && node.scalar == word_for_empty)
        return value_type{};
    if (node.is != form::sequence) return value_error{&node, "is not a list"};
    if (node.members.empty() && !word_for_empty.empty()) return value_error{&node, "is an empty list"};
    value_type values;
    for (const auto& member : node.members) {
        auto value = codec.read(member);
        if (!value) return value.error();
        values.push_back(std::move(*value));
    }
    return values;
}

template <class Codec>
std::string list_of<Codec>::show(const value_type& value) const {
    if (value.empty() && !word_for_empty.empty()) return std::string{word_for_empty};
    std::string members;
    for (const auto& member : value) members += (members.empty() ? "" : ", ") + codec.show(member);
    return fmt::format("[{}]", members);
}

}  // namespace turnix::config
