// One thing that is wrong with a configuration, said so that an operator can mend it without reading code.
#pragma once

#include <string>

namespace turnix::config {

/// Where a value was written.
struct origin {
    std::string source;  ///< the file as it was named, "--set", or an environment variable
    unsigned line{0};    ///< from 1; 0 where there is none
};

struct fault {
    origin at{};
    std::string key{};    ///< "relay.ports.first"; empty when the file as a whole is meant
    std::string value{};  ///< as it was written; empty when nothing was
    std::string problem{};
    std::string remedy{};

    /// turnixd.yaml:12: relay.workers: "many" is not a whole number; give a whole number from 0 to 1024
    [[nodiscard]] std::string to_string() const;
};

}  // namespace turnix::config
