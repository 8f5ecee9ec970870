#include "api/http/request_ids.hpp"

#include <fmt/format.h>

#include <random>

namespace turnix::http {

request_ids::request_ids() : counter_{std::uint64_t{std::random_device{}()} << 32} {}

std::string request_ids::next() { return fmt::format("{:016x}", ++counter_); }

}  // namespace turnix::http
