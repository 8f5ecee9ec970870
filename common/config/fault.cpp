#include "common/config/fault.hpp"

#include <fmt/format.h>

namespace turnix::config {

std::string fault::to_string() const {
    auto text = at.line == 0 ? at.source : fmt::format("{}:{}", at.source, at.line);
    if (!key.empty()) text += fmt::format(": {}", key);
    text += value.empty() ? fmt::format(": {}", problem) : fmt::format(": \"{}\" {}", value, problem);
    return remedy.empty() ? text : fmt::format("{}; {}", text, remedy);
}

}  // namespace turnix::config
