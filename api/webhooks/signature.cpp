#include "api/webhooks/signature.hpp"

#include "common/crypto/base64url.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/random.hpp"

#include <fmt/format.h>

#include <chrono>
#include <span>

namespace turnix::webhooks {

namespace {

constexpr std::size_t secret_bytes = 32;

std::span<const std::byte> bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }

}  // namespace

std::string make_secret() {
    return "whsec_" + crypto::base64url_encode(crypto::random_bytes<secret_bytes>());
}

std::string signature_of(std::string_view body, std::string_view secret, wall_time now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const auto signed_time = fmt::format("{}.", seconds);
    const auto digest = crypto::hmac_sha256(bytes_of(secret), {bytes_of(signed_time), bytes_of(body)});
    auto text = fmt::format("t={},v1=", seconds);
    for (const auto each : digest) text += fmt::format("{:02x}", std::to_integer<unsigned>(each));
    return text;
}

}  // namespace turnix::webhooks
