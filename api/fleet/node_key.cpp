#include "api/fleet/node_key.hpp"

#include "common/credential/private_file.hpp"
#include "common/crypto/base64url.hpp"
#include "common/crypto/random.hpp"

#include <span>
#include <stdexcept>

namespace turnix::fleet {

void make_node_key(const std::filesystem::path& file) {
    crypto::secret<32> key;
    const auto bytes = std::as_writable_bytes(key.writable_bytes());
    crypto::fill_random(bytes);
    credential::write_private_file(file, crypto::base64url_encode(bytes) + '\n');
}

crypto::secret<32> load_node_key(const std::filesystem::path& file) {
    const auto lines = credential::read_private_lines(file);
    crypto::secret<32> key;
    const auto read =
        crypto::base64url_decode(lines.front().text, std::as_writable_bytes(key.writable_bytes()));
    if (lines.size() != 1 || !read || read->size() != key.bytes().size()) {
        throw std::runtime_error{
            file.string() +
            ": is not one line of 32 bytes in base64url; restore it from a copy, or make "
            "a new one with: turnixd init"};
    }
    return key;
}

std::string to_text(const crypto::ed25519_public_key& key) { return crypto::base64url_encode(key); }

std::optional<crypto::ed25519_public_key> public_key_from(std::string_view text) noexcept {
    crypto::ed25519_public_key key{};
    const auto read = crypto::base64url_decode(text, key);
    if (!read || read->size() != key.size()) return std::nullopt;
    return key;
}

}  // namespace turnix::fleet
