// Names as strangers give them: the form in which they are compared is its own form, a time-limited name is
// what it was cut from, and a list of proxies names nobody but the peer or somebody on it.
#include "api/http/forwarded.hpp"
#include "common/credential/opaque_string.hpp"
#include "common/credential/timed_username.hpp"
#include "tests/fuzz/target.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <string>

namespace turnix::fuzz {

namespace {

void check_opaque(const std::string& text) {
    const auto form = credential::opaque_string(text);
    if (!form) return;
    expect(!form->empty() && form->find('\0') == std::string::npos && form->find('\n') == std::string::npos);
    expect(credential::opaque_string(*form) == form);
}

void check_timed(const std::string& text) {
    const auto read = credential::timed_username::parse(text);
    if (!read) return;
    expect(read->expires_at.time_since_epoch() >= std::chrono::seconds{0});
    expect(text.ends_with(read->user));
}

void check_forwarded(const std::string& text) {
    static const auto peer = net::address::parse("10.0.0.1").value();
    static const std::array trusted{net::cidr::parse("10.0.0.0/8").value(),
                                    net::cidr::parse("::1/128").value()};
    expect(http::client_address(peer, text, {}) == peer);
    const auto client = http::client_address(peer, text, trusted);
    expect(client == peer || !text.empty());
}

}  // namespace

void run(std::span<const std::byte> input) {
    std::string text(input.size(), '\0');
    if (!input.empty()) std::memcpy(text.data(), input.data(), input.size());
    check_opaque(text);
    check_timed(text);
    check_forwarded(text);
}

}  // namespace turnix::fuzz
