// base64url: a text that is accepted is the only text of its bytes.
#include "common/crypto/base64url.hpp"

#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <string>
#include <vector>

void turnix::fuzz::run(std::span<const std::byte> input) {
    std::vector<std::byte> storage(input.size());

    std::string text(input.size(), '\0');
    std::ranges::copy(input, std::as_writable_bytes(std::span{text}).begin());
    const auto decoded = crypto::base64url_decode(text, storage);
    if (decoded) expect(crypto::base64url_encode(*decoded) == text);

    const auto encoded = crypto::base64url_encode(input);
    const auto back = crypto::base64url_decode(encoded, storage);
    expect(back.has_value() && std::ranges::equal(*back, input));
}
