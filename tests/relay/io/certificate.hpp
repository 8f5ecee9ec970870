// A self-signed certificate and its key as PEM files, in a directory that goes away with the object.
#pragma once

#include "common/contract/relay_settings.hpp"

#include <filesystem>

namespace turnix::test {

class certificate {
  public:
    certificate();
    certificate(const certificate&) = delete;
    certificate& operator=(const certificate&) = delete;
    ~certificate();

    [[nodiscard]] contract::tls_settings settings() const {
        return {.certificate = directory_ / "certificate.pem", .private_key = directory_ / "key.pem"};
    }

  private:
    std::filesystem::path directory_;
};

}  // namespace turnix::test
