#include "common/credential/timed_username.hpp"

#include "common/credential/claims.hpp"
#include "common/credential/private_file.hpp"
#include "common/crypto/base64.hpp"
#include "common/crypto/digest.hpp"

#include <charconv>
#include <span>
#include <stdexcept>
#include <system_error>

namespace turnix::credential {

namespace {

std::span<const std::byte> bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }

}  // namespace

std::optional<timed_username> timed_username::parse(std::string_view username) noexcept {
    const auto* const end = username.data() + username.size();
    std::uint64_t seconds{};
    const auto [rest, failure] = std::from_chars(username.data(), end, seconds);
    const auto latest = static_cast<std::uint64_t>(no_end.time_since_epoch().count());
    if (failure != std::errc{} || seconds > latest) return std::nullopt;
    if (rest != end && *rest != ':') return std::nullopt;
    return timed_username{
        .expires_at = std::chrono::sys_seconds{std::chrono::seconds{seconds}},
        .user = rest == end ? std::string_view{} : std::string_view{rest + 1, end},
    };
}

std::string timed_password(std::string_view username, std::string_view secret) {
    return crypto::base64_encode(crypto::hmac_sha1(bytes_of(secret), {bytes_of(username)}));
}

std::vector<std::string> load_shared_secrets(const std::filesystem::path& file) {
    std::vector<std::string> secrets;
    for (auto& line : read_private_lines(file)) secrets.push_back(std::move(line.text));
    if (secrets.size() > shared_secrets_max) {
        throw std::runtime_error{file.string() + ": holds " + std::to_string(secrets.size()) +
                                 " secrets; retire some, " + std::to_string(shared_secrets_max) +
                                 " are the most"};
    }
    return secrets;
}

}  // namespace turnix::credential
