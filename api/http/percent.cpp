#include "api/http/percent.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace turnix::http {

std::optional<std::string> percent_decoded(std::string_view text, plus_sign plus) {
    const auto encoded = boost::urls::make_pct_string_view(text);
    if (encoded.has_error()) return std::nullopt;
    boost::urls::encoding_opts options;
    options.space_as_plus = plus == plus_sign::space;
    return encoded->decode(options);
}

std::string percent_encoded(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace turnix::http
