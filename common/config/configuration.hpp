// A configuration as it was read: the settings, where each was written, and everything that is wrong with it.
#pragma once

#include "common/config/fault.hpp"
#include "common/config/settings.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::config {

/// A value as it was written.
struct written_value {
    origin at;
    std::string text;
};

/// The settings are whole only when there are no faults: what could not be read has its default.
struct configuration {
    settings values;
    std::vector<fault> faults;
    std::map<std::string, written_value, std::less<>> written;  ///< by key

    /// Adds a fault of a key's value, with the place where it was written, or the file when it was not.
    void refuse(std::string_view key, std::string problem, std::string remedy);
    [[nodiscard]] bool is_refused(std::string_view key) const noexcept;
};

}  // namespace turnix::config
