#include "common/config/configuration.hpp"

#include <algorithm>
#include <utility>

namespace turnix::config {

void configuration::refuse(std::string_view key, std::string problem, std::string remedy) {
    fault added{.at = {.source = values.file.string()},
                .key = std::string{key},
                .problem = std::move(problem),
                .remedy = std::move(remedy)};
    if (const auto found = written.find(key); found != written.end()) {
        added.at = found->second.at;
        added.value = found->second.text;
    }
    faults.push_back(std::move(added));
}

bool configuration::is_refused(std::string_view key) const noexcept {
    return std::ranges::any_of(faults, [key](const fault& candidate) { return candidate.key == key; });
}

}  // namespace turnix::config
