// Can TLS be served with these files? Asked before a listener opens, so that the fault names its file.
#pragma once

#include "common/contract/relay_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace turnix::config {

enum class certificate_file : std::uint8_t { certificate, private_key };

struct certificate_problem {
    certificate_file file{certificate_file::certificate};
    std::string problem;
    std::string remedy;
};

/// Nothing when the certificate chain and the key are readable, well-formed and belong together.
std::optional<certificate_problem> check_certificate(const contract::tls_settings& files);

}  // namespace turnix::config
