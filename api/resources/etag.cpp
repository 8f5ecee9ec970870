#include "api/resources/etag.hpp"

#include "common/crypto/base64url.hpp"
#include "common/crypto/digest.hpp"

#include <span>
#include <string_view>

namespace turnix::api {

namespace {

constexpr std::size_t tag_bytes = 12;

std::string tag_of(std::string_view body) {
    const auto digest = crypto::sha256({std::as_bytes(std::span{body})});
    return '"' + crypto::base64url_encode(std::span{digest}.first<tag_bytes>()) + '"';
}

}  // namespace

void add_etag(const http::request& asked, http::response& made) {
    if (asked.method != http::method::get || made.status != 200 || made.stream) return;
    if (made.headers.find("Cache-Control") != nullptr) return;  // not to be kept
    const auto tag = tag_of(made.body);
    // Tags are quoted, so that finding one in the list compares it whole.
    const auto known = asked.headers.list("If-None-Match");
    if (known == "*" || known.find(tag) != std::string::npos) made = {.status = 304};
    made.headers.add("ETag", tag);
    made.headers.add("Cache-Control", "private, no-cache");
}

}  // namespace turnix::api
