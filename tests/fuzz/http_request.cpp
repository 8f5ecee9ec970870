// An HTTP request in two pieces is what it is in one, and whatever it is, router and bodies answer it.
#include "api/http/body.hpp"
#include "api/http/message_reader.hpp"
#include "api/http/message_writer.hpp"
#include "api/http/router.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace turnix::fuzz {

namespace {

using progress = http::message_reader::progress;

http::response echo_body(const http::request& asked, const http::context& /*with*/) {
    const auto fields = http::read_body(asked);
    if (fields.has_error()) return to_response(fields.error(), asked.request_id);
    return http::json_response(200, std::to_string(fields->size()));
}

constexpr int needs_more = 0;
constexpr int malformed = 400;

/// Where the header has not come to its end, a fault in it may be found now or only then.
bool agree(std::span<const int> pieces, std::span<const int> whole) {
    const auto before = pieces.size() - 1;
    if (whole.size() != pieces.size() || !std::ranges::equal(pieces.first(before), whole.first(before))) {
        return false;
    }
    const auto [less, more] = std::minmax(pieces.back(), whole.back());
    return less == more || (less == needs_more && more == malformed);
}

/// The statuses of all requests in the input, read in pieces of this size.
std::vector<int> statuses(std::span<const std::byte> input, std::size_t piece_bytes) {
    http::router routes;
    routes.add({http::method::post, "/{a}"}, echo_body);
    routes.add({http::method::get, "/{a}/b/{c}"}, echo_body);
    http::message_reader reader{{.header_bytes_max = 512, .body_bytes_max = 512}};
    std::vector<int> all;
    for (;;) {
        const auto state = reader.advance();
        if (state == progress::failed) {
            all.push_back(http::status_of(reader.fault().code));
            return all;
        }
        if (state == progress::complete) {
            const auto answer = routes.answer(reader.take(), instant{});
            expect(answer.status < 500);
            expect(http::to_wire(answer, {.now = {}}).starts_with("HTTP/1.1 "));
            all.push_back(answer.status);
            continue;
        }
        if (input.empty()) {
            all.push_back(needs_more);
            return all;
        }
        const auto room = reader.prepare();
        const auto bytes = std::min({room.size(), input.size(), piece_bytes});
        std::memcpy(room.data(), input.data(), bytes);
        reader.commit(bytes);
        input = input.subspan(bytes);
    }
}

}  // namespace

void run(std::span<const std::byte> input) { expect(agree(statuses(input, 1), statuses(input, 4096))); }

}  // namespace turnix::fuzz
