// A YAML text as a tree of plain values that remember their lines. Nothing is interpreted here: what a scalar
// means is the schema's to say.
#pragma once

#include "common/config/fault.hpp"
#include "common/net/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::config {

struct document_node {
    enum class form : std::uint8_t { null, scalar, sequence, mapping };

    form is{form::null};
    unsigned line{1};
    std::string scalar{};
    std::string key{};  ///< what this value stands under, when it is a member of a mapping
    std::vector<document_node> members{};

    /// The member of a mapping; null when there is none.
    [[nodiscard]] const document_node* find(std::string_view member) const noexcept;
    /// On one line: a scalar as it was written, a list or a mapping as YAML flow text.
    [[nodiscard]] std::string to_string() const;
};

/// `source` names the text in faults. Refused, with their lines: what is not YAML, anchors and aliases, more
/// than one document, keys that are no scalars, a key twice in one mapping, texts nested deeper than 16.
result<document_node, fault> parse_document(const std::string& text, const std::string& source);

/// The text as a YAML scalar, quoted where it has to be to stay this text.
std::string yaml_scalar(std::string_view text);

}  // namespace turnix::config
