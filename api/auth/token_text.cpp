#include "api/auth/token_text.hpp"

#include "common/crypto/digest.hpp"
#include "common/crypto/random.hpp"

#include <boost/crc.hpp>

#include <array>

namespace turnix::auth {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view prefix = "tnx_";
constexpr std::size_t id_characters = 32;
constexpr std::size_t secret_characters = 43;
constexpr std::size_t checksum_characters = 6;
constexpr std::size_t body_characters = prefix.size() + id_characters + 1 + secret_characters;

/// Even: of the 256 values of a byte only the multiple of 62 that fits is used.
char random_digit() noexcept {
    constexpr unsigned usable = 256 / alphabet.size() * alphabet.size();
    for (;;) {
        const auto value = std::to_integer<unsigned>(crypto::random_bytes<1>().front());
        if (value < usable) return alphabet[value % alphabet.size()];
    }
}

std::string random_secret() {
    std::string secret(secret_characters, '\0');
    for (auto& character : secret) character = random_digit();
    return secret;
}

using checksum_text = std::array<char, checksum_characters>;

checksum_text checksum_of(std::string_view body) noexcept {
    boost::crc_32_type crc;
    crc.process_bytes(body.data(), body.size());
    std::size_t rest = crc.checksum();
    checksum_text text{};
    for (auto& character : text) {
        character = alphabet[rest % alphabet.size()];
        rest /= alphabet.size();
    }
    return text;
}

model::secret_digest digest_of(std::string_view secret) noexcept {
    return crypto::sha256({std::as_bytes(std::span{secret})});
}

}  // namespace

minted_token mint_token(token_id id) {
    const auto secret = random_secret();
    auto text = std::string{prefix} + id.to_string() + '_' + secret;
    const auto checksum = checksum_of(text);
    text += '_';
    text.append(checksum.begin(), checksum.end());
    return {.text = std::move(text), .digest = digest_of(secret)};
}

std::optional<token_text> parse_token(std::string_view text) noexcept {
    if (text.size() != body_characters + 1 + checksum_characters) return std::nullopt;
    const auto body = text.substr(0, body_characters);
    const auto tail = text.substr(body_characters);
    const auto checksum = checksum_of(body);
    if (tail.front() != '_' || tail.substr(1) != std::string_view{checksum.data(), checksum.size()})
        return std::nullopt;
    const auto id = token_id::parse(body.substr(prefix.size(), id_characters));
    const auto secret = body.substr(body_characters - secret_characters);
    const bool separated = body.starts_with(prefix) && body[prefix.size() + id_characters] == '_';
    if (!id || !separated || secret.find_first_not_of(alphabet) != std::string_view::npos)
        return std::nullopt;
    return token_text{.id = *id, .digest = digest_of(secret)};
}

}  // namespace turnix::auth
