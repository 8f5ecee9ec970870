#include "common/config/surroundings.hpp"

#include <cstdlib>

#include <unistd.h>

namespace turnix::config {

surroundings surroundings::of_process() {
    surroundings found;
    for (char** each = ::environ; each != nullptr && *each != nullptr; ++each) {
        if (std::string_view{*each}.starts_with(variable_prefix)) found.variables.emplace_back(*each);
    }
    if (const char* const directory = std::getenv("CREDENTIALS_DIRECTORY")) found.credentials = directory;
    return found;
}

std::string variable_of(std::string_view key) {
    std::string name{variable_prefix};
    for (const char character : key) {
        if (character == '.') {
            name += "__";
        } else {
            name +=
                character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
        }
    }
    return name;
}

std::string key_of(std::string_view variable) {
    variable.remove_prefix(variable_prefix.size());
    std::string key;
    while (!variable.empty()) {
        if (variable.starts_with("__")) {
            key += '.';
            variable.remove_prefix(2);
            continue;
        }
        const char character = variable.front();
        key += character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
        variable.remove_prefix(1);
    }
    return key;
}

}  // namespace turnix::config
