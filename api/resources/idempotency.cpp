#include "api/resources/idempotency.hpp"

#include "common/crypto/aes_siv.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/hkdf.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error_code;

constexpr std::size_t key_characters_max = 255;
constexpr std::byte separator{0};

std::span<const std::byte> bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }

std::string text_of(const std::string* header) { return header == nullptr ? std::string{} : *header; }

/// Status, body and Location; the rest is made anew for each answer.
std::string written(const http::response& answer) {
    return json::serialize(json::object{{"status", answer.status},
                                        {"location", text_of(answer.headers.find("Location"))},
                                        {"body", answer.body}});
}

http::response replayed(std::string_view text) {
    const auto kept = json::parse(text);
    auto answer = http::json_response(kept.at("status").to_number<std::uint16_t>(),
                                      std::string{kept.at("body").as_string()});
    const auto& location = kept.at("location").as_string();
    if (!location.empty()) answer.headers.add("Location", std::string{location});
    answer.headers.add("Idempotent-Replayed", "true");
    return answer;
}

std::vector<std::byte> sealed(const idempotency::ticket& under, std::string_view plain) {
    std::vector<std::byte> text(plain.size() + crypto::aes_siv::tag_bytes);
    crypto::aes_siv{under.sealing_key}.seal(under.id, bytes_of(plain), text);
    return text;
}

std::optional<std::string> opened(const idempotency::ticket& under, std::span<const std::byte> text) {
    if (text.size() <= crypto::aes_siv::tag_bytes) return std::nullopt;
    std::string plain(text.size() - crypto::aes_siv::tag_bytes, '\0');
    if (!crypto::aes_siv{under.sealing_key}.open(under.id, text, std::as_writable_bytes(std::span{plain}))) {
        return std::nullopt;
    }
    return plain;
}

http::response conflict(const call& what, std::string message) {
    return http::to_response(
        {.code = error_code::conflict, .message = std::move(message), .param = "Idempotency-Key"},
        what.request.request_id);
}

}  // namespace

bool is_idempotency_key(std::string_view text) noexcept {
    return !text.empty() && text.size() <= key_characters_max &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

idempotency::ticket idempotency::ticket_of(const call& what, std::string_view key) const {
    const auto& asked = what.request;
    const std::span between{&separator, 1};
    const auto method = to_string(asked.method);
    const auto secret = text_of(asked.headers.find("Authorization")) + '\n' + std::string{key};
    ticket made;
    made.id = crypto::sha256({std::as_bytes(std::span{what.caller.token.bytes}),
                              std::as_bytes(std::span{what.caller.reach.organisation.bytes}), bytes_of(key)});
    made.fingerprint =
        crypto::sha256({std::as_bytes(std::span{what.caller.project->id.bytes}), bytes_of(method), between,
                        bytes_of(asked.path), between, bytes_of(asked.body)});
    crypto::hkdf_sha256({.secret = bytes_of(secret), .salt = made.id, .label = "turnix idempotency"},
                        made.sealing_key);
    return made;
}

std::optional<http::response> idempotency::begin(const ticket& under, const call& what) {
    std::optional<store::idempotent_request> earlier;
    records_.run([&](auto& database) {
        earlier = store::begin_request(database, {under.id, under.fingerprint, {}}, what.now());
    });
    if (!earlier) return std::nullopt;
    if (earlier->fingerprint != under.fingerprint) {
        return conflict(what, "This Idempotency-Key was used for another request.");
    }
    const auto plain = earlier->answer ? opened(under, *earlier->answer) : std::nullopt;
    if (plain) return replayed(*plain);
    return conflict(what, earlier->answer
                              ? "The token was rotated since; its earlier answer cannot be read."
                              : "The earlier request with this key was cut off; see whether it took effect.");
}

void idempotency::settle(const ticket& under, const http::response& made) {
    const bool succeeded = made.status < 300;
    if (!succeeded) {
        records_.record([id = under.id](auto& database) { store::forget_request(database, id); });
        return;
    }
    const auto answer = sealed(under, written(made));
    records_.run([&](auto& database) { store::keep_answer(database, under.id, answer); });
}

}  // namespace turnix::api
