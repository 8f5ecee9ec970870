// Stream framing: the same messages and the same end come out however the stream arrives, and whatever is
// framed as ChannelData or STUN has the length its parser expects.
#include "relay/stun/stream_framer.hpp"

#include "relay/stun/channel_data.hpp"
#include "relay/stun/first_byte.hpp"
#include "relay/stun/message_view.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <optional>
#include <vector>

using namespace turnix;
using fuzz::expect;

namespace {

struct framed_stream {
    std::vector<std::size_t> message_bytes;
    std::size_t consumed{0};
    std::optional<stun::framing_error> error;

    friend bool operator==(const framed_stream&, const framed_stream&) = default;
};

void check_message(std::span<const std::byte> message) {
    if (stun::protocol_of(message.front()) == stun::protocol::channel_data) {
        expect(stun::channel_data::parse(message).value().payload.size() + 4 == message.size());
        return;
    }
    const auto parsed = stun::message_view::parse(message);
    expect(parsed.has_value() || parsed.error() == stun::message_error::malformed_attribute ||
           parsed.error() == stun::message_error::too_many_attributes ||
           parsed.error() == stun::message_error::fingerprint_not_last);
}

/// The first piece may have another size than those that follow it.
framed_stream arriving_in_pieces(std::span<const std::byte> stream, std::size_t piece_bytes,
                                 std::size_t first_bytes = 0) {
    framed_stream framed;
    std::size_t available = std::min(first_bytes, stream.size());
    while (!framed.error) {
        const auto readable = stream.first(available).subspan(framed.consumed);
        const auto next = stun::next_message(readable);
        if (const auto* const more = std::get_if<stun::need_more>(&next)) {
            expect(more->bytes > 0 && more->bytes <= stun::frame_bytes_max - readable.size());
            if (available == stream.size()) break;
            available += std::min(piece_bytes, stream.size() - available);
        } else if (const auto* const error = std::get_if<stun::framing_error>(&next)) {
            framed.error = *error;
        } else {
            const auto& found = std::get<stun::framed_message>(next);
            expect(found.consumed >= found.message.size() && found.consumed <= readable.size());
            check_message(found.message);
            framed.message_bytes.push_back(found.message.size());
            framed.consumed += found.consumed;
        }
    }
    return framed;
}

}  // namespace

// The first byte says how large the pieces are. What is short is also cut in two at every byte.
void turnix::fuzz::run(std::span<const std::byte> input) {
    constexpr std::size_t short_bytes = 256;
    if (input.empty()) return;
    const auto piece_bytes = std::to_integer<std::size_t>(input.front()) + 1;
    const auto stream = input.subspan(1);
    const auto whole = arriving_in_pieces(stream, stream.size() + 1);
    expect(arriving_in_pieces(stream, piece_bytes) == whole);
    if (stream.size() > short_bytes) return;
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
        expect(arriving_in_pieces(stream, stream.size(), cut) == whole);
    }
}
