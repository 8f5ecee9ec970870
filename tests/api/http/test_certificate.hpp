// A self-signed certificate for localhost, made anew by each test that asks for one.
#pragma once

#include "api/http/server.hpp"

#include <filesystem>

namespace turnix::http {

/// Writes certificate and key as PEM files into the directory.
server_certificate make_test_certificate(const std::filesystem::path& directory);

}  // namespace turnix::http
