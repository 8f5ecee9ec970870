#include "api/http/percent.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <simdjson.h>

namespace turnix::http {

std::optional<std::string> percent_decoded(std::string_view text, plus_sign plus) {
    const auto encoded = boost::urls::make_pct_string_view(text);
    if (encoded.has_error()) return std::nullopt;
    boost::urls::encoding_opts options;
    options.space_as_plus = plus == plus_sign::space;
    auto decoded = encoded->decode(options);
    // Answers quote what was asked, and JSON has to be UTF-8.
    if (!simdjson::validate_utf8(decoded)) return std::nullopt;
    return decoded;
}

std::string percent_encoded(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace turnix::http
