#include "api/channel/channel_counters.hpp"

#include <algorithm>

namespace turnix::channel {

std::string_view to_string(connection_event value) noexcept {
    switch (value) {
        case connection_event::opened:
            return "opened";
        case connection_event::unreachable:
            return "unreachable";
        case connection_event::handshake_failed:
            return "handshake_failed";
        case connection_event::closed:
            return "closed";
    }
    return "";
}

std::string_view to_string(request_outcome value) noexcept {
    switch (value) {
        case request_outcome::answered:
            return "answered";
        case request_outcome::unreachable:
            return "unreachable";
        case request_outcome::late:
            return "late";
        case request_outcome::broken:
            return "broken";
        case request_outcome::overrun:
            return "overrun";
    }
    return "";
}

channel_totals channel_counters::totals() const noexcept {
    channel_totals read;
    std::ranges::transform(connections_, read.connections.begin(), &telemetry::counter::value);
    std::ranges::transform(requests_, read.requests.begin(), &telemetry::counter::value);
    read.answers = answers_.totals();
    return read;
}

}  // namespace turnix::channel
