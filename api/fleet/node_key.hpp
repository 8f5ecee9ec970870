// The key that a node signs its word with: one line of base64url in a file of mode 0600. Others know its
// public half from regions.yaml.
#pragma once

#include "common/crypto/ed25519.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::fleet {

/// Writes a new one. Throws std::runtime_error with the file's name and the fault.
void make_node_key(const std::filesystem::path& file);
/// Throws std::runtime_error with the file's name, the fault and the remedy: missing, open to others than its
/// owner, no key.
[[nodiscard]] crypto::secret<32> load_node_key(const std::filesystem::path& file);

/// As regions.yaml has it: base64url, 43 characters.
[[nodiscard]] std::string to_text(const crypto::ed25519_public_key& key);
[[nodiscard]] std::optional<crypto::ed25519_public_key> public_key_from(std::string_view text) noexcept;

}  // namespace turnix::fleet
