// Whatever is asked of the whole API, of a token's owner or of a stranger: an answer that is no fault of the
// server's, whole, and no larger than it has to be. TOKEN in the input stands for a token that may do all.
#include "api/http/message_reader.hpp"
#include "api/http/message_writer.hpp"
#include "tests/api/resources/node_under_test.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace turnix::fuzz {

namespace {

constexpr std::size_t answer_bytes_max = std::size_t{256} * 1024;

void check(const http::response& answer, const instant& now) {
    // 503 is said of regions that are down, which the node has one of.
    expect(answer.status >= 200 && (answer.status < 500 || answer.status == 503));
    const auto wire = http::to_wire(answer, {.now = now.wall});
    expect(wire.starts_with("HTTP/1.1 ") && wire.size() < answer_bytes_max);
    if (answer.status >= 400) expect(!api::error_code_of(answer).empty());
}

std::string text_of(std::span<const std::byte> input) {
    std::string text(input.size(), '\0');
    if (!input.empty()) std::memcpy(text.data(), input.data(), input.size());
    return text;
}

}  // namespace

void run(std::span<const std::byte> input) {
    static api::node_under_test node;
    auto text = text_of(input);
    const std::string mark = "TOKEN";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        text.replace(at, mark.size(), node.first.token_text);
    }
    http::message_reader reader{http::message_limits{}};
    std::span<const char> left{text};
    for (;;) {
        const auto state = reader.advance();
        if (state == http::message_reader::progress::failed) return;
        if (state == http::message_reader::progress::complete) {
            auto asked = reader.take();
            asked.client = net::address{net::address::v4_bytes{127, 0, 0, 1}};
            asked.request_id = "0123456789abcdef";
            node.now.monotonic += std::chrono::seconds{1};  // so that its budgets do not answer all
            check(http::at_once(node.api.answer(asked, node.now)), node.now);
            continue;
        }
        if (left.empty()) return;
        const auto room = reader.prepare();
        const auto bytes = std::min(room.size(), left.size());
        std::memcpy(room.data(), left.data(), bytes);
        reader.commit(bytes);
        left = left.subspan(bytes);
    }
}

}  // namespace turnix::fuzz
