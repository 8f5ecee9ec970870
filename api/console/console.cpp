#include "api/console/console.hpp"

#include "api/console/accept_encoding.hpp"
#include "api/console/asset.hpp"
#include "api/http/error.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

namespace turnix::console {

namespace {

constexpr std::string_view root{"/console"};
constexpr std::string_view files{"/console/files/"};
constexpr std::string_view index{"index.html"};

/// Scripts, styles and pictures from here only, none of them inline; requests to this API only; no frame
/// around it; and no text that a script could turn into markup.
constexpr auto content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

struct representation {
    std::string_view coding;  ///< empty: as it is
    std::string_view body;
};

const asset* find_asset(std::string_view name) {
    const auto found = std::ranges::find(assets(), name, &asset::name);
    return found == assets().end() ? nullptr : &*found;
}

/// The file that a path means; null when there is none.
const asset* file_at(std::string_view path) {
    return find_asset(path.starts_with(files) ? path.substr(files.size()) : index);
}

representation best_of(const asset& file, std::string_view accept_encoding) {
    if (accepts(accept_encoding, "br")) return {.coding = "br", .body = file.brotli};
    if (accepts(accept_encoding, "gzip")) return {.coding = "gzip", .body = file.gzip};
    return {.coding = {}, .body = file.plain};
}

/// Each encoding of a file has an ETag of its own (RFC 9110 §8.8.3.3).
std::string etag_of(const asset& file, const representation& chosen) {
    std::string etag{'"'};
    etag.append(file.hash);
    if (!chosen.coding.empty()) etag.append("-").append(chosen.coding);
    return etag + '"';
}

/// RFC 9110 §13.1.2; a weak comparison, so that a W/ in front does not matter.
bool is_held(const std::string& if_none_match, const std::string& etag) {
    return if_none_match == "*" || if_none_match.find(etag) != std::string::npos;
}

http::response response_for(const http::request& asked, const asset& file) {
    const auto chosen = best_of(file, asked.headers.list("Accept-Encoding"));
    auto etag = etag_of(file, chosen);
    const bool is_current = is_held(asked.headers.list("If-None-Match"), etag);
    http::response made{.status = std::uint16_t{is_current ? std::uint16_t{304} : std::uint16_t{200}}};
    made.headers.add("ETag", std::move(etag));
    made.headers.add("Vary", "Accept-Encoding");
    made.headers.add("Cache-Control",
                     file.name == index ? "no-cache" : "public, max-age=31536000, immutable");
    made.headers.add("Content-Security-Policy", content_security_policy);
    made.headers.add("Cross-Origin-Opener-Policy", "same-origin");
    made.headers.add("Cross-Origin-Resource-Policy", "same-origin");
    made.headers.add("Referrer-Policy", "no-referrer");
    if (is_current) return made;
    made.headers.add("Content-Type", std::string{file.type});
    if (!chosen.coding.empty()) made.headers.add("Content-Encoding", std::string{chosen.coding});
    made.lasting_body = chosen.body;
    return made;
}

}  // namespace

bool is_console_path(std::string_view path) noexcept {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

http::response answer(const http::request& asked) {
    if (asked.method != http::method::get && asked.method != http::method::head) {
        return http::to_response({.code = http::error_code::method_not_allowed,
                                  .message = "This path does not take this method.",
                                  .allow = "GET, HEAD"},
                                 asked.request_id);
    }
    const auto* const file = file_at(asked.path);
    if (file == nullptr) {
        return http::to_response(
            {.code = http::error_code::not_found, .message = "There is no such file in the console."},
            asked.request_id);
    }
    return response_for(asked, *file);
}

}  // namespace turnix::console
