// The text of an API token: tnx_<id, 32 hexadecimal>_<secret, 43 base62>_<CRC-32 of all before, 6 base62>.
//
// The prefix lets secret scanners find tokens; the checksum tells a mistyped token from a revoked one without
// a look-up. The secret has 43 random base62 digits, 256 bits.
#pragma once

#include "api/model/token.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace turnix::auth {

struct token_text {
    token_id id;
    model::secret_digest digest;  ///< of the secret
};

struct minted_token {
    std::string text;  ///< shown once, kept nowhere
    model::secret_digest digest;
};

minted_token mint_token(token_id id);
/// Nothing unless the text has the form and its checksum fits.
std::optional<token_text> parse_token(std::string_view text) noexcept;

}  // namespace turnix::auth
