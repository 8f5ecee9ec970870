// An answer in two sizes of pieces is one and the same, bounded, and whatever follows it is refused or read.
#include "api/http/response_reader.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace turnix::fuzz {

namespace {

using progress = http::response_reader::progress;

constexpr http::message_limits limits{.header_bytes_max = 512, .body_bytes_max = 512};

struct reading {
    std::vector<std::string> answers;  ///< status and body
    bool has_failed{false};
};

reading read_in_pieces(std::span<const std::byte> input, std::size_t piece_bytes) {
    http::response_reader reader{limits};
    reading made;
    for (;;) {
        const auto state = reader.advance();
        if (state == progress::failed) {
            made.has_failed = true;
            return made;
        }
        if (state == progress::complete) {
            const auto answer = reader.take();
            expect(answer.status >= 200 && answer.body.size() <= limits.body_bytes_max);
            made.answers.push_back(std::to_string(answer.status) + answer.body);
            continue;
        }
        if (input.empty()) return made;
        const auto room = reader.prepare();
        expect(room.size() > 0);
        const auto bytes = std::min({room.size(), input.size(), piece_bytes});
        std::memcpy(room.data(), input.data(), bytes);
        reader.commit(bytes);
        input = input.subspan(bytes);
    }
}

}  // namespace

/// Where a header has not come to its end, a fault in it may be found now or only then.
void run(std::span<const std::byte> input) {
    const auto bytewise = read_in_pieces(input, 1);
    const auto whole = read_in_pieces(input, 4096);
    expect(bytewise.answers == whole.answers);
}

}  // namespace turnix::fuzz
