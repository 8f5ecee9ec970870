// Every key of turnixd.yaml: the one place that knows what a configuration may say. The loader, the commented
// default file and the reference page are all made from it.
#pragma once

#include "common/config/codec.hpp"
#include "common/config/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::config {

/// What a change needs to take effect.
enum class takes_effect : std::uint8_t { at_reload, at_restart };

struct schema_key {
    std::string_view path;           ///< "relay.ports.first"
    std::string_view documentation;  ///< one sentence, without the default and the range
    takes_effect change{takes_effect::at_restart};
    std::string type;  ///< what a value is, with its range: "a whole number from 1 to 65535"
    /// Puts a value into the settings, or says what is wrong with it.
    std::function<std::optional<value_error>(const document_node&, settings&)> store;
    /// The settings' value as YAML flow text; of default settings, the default.
    std::function<std::string(const settings&)> show;

    /// "seconds", "milliseconds", "bytes" by the key's last word; empty where the number says all.
    [[nodiscard]] std::string_view unit() const noexcept;
};

/// In the order of the file: keys of one section stand together.
const std::vector<schema_key>& schema();

/// Null when no key has that path.
const schema_key* find_key(std::string_view path) noexcept;

}  // namespace turnix::config
