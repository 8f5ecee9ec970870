#include "relay/io/counter_names.hpp"

namespace turnix::io {

std::string_view to_string(datagram_event value) noexcept {
    switch (value) {
        case datagram_event::received:
            return "received";
        case datagram_event::sent:
            return "sent";
        case datagram_event::send_queue_full:
            return "send_queue_full";
        case datagram_event::too_big:
            return "too_big";
        case datagram_event::send_refused:
            return "send_refused";
        case datagram_event::receive_failed:
            return "receive_failed";
    }
    return "unknown";
}

std::string_view to_string(stream_event value) noexcept {
    switch (value) {
        case stream_event::accepted:
            return "accepted";
        case stream_event::refused:
            return "refused";
        case stream_event::accept_paused:
            return "accept_paused";
        case stream_event::proxy_malformed:
            return "proxy_malformed";
        case stream_event::proxy_version_1:
            return "proxy_version_1";
        case stream_event::handshake_failed:
            return "handshake_failed";
        case stream_event::malformed:
            return "malformed";
        case stream_event::timed_out:
            return "timed_out";
        case stream_event::stalled:
            return "stalled";
        case stream_event::dropped_full:
            return "dropped_full";
        case stream_event::dropped_late:
            return "dropped_late";
        case stream_event::out_of_memory:
            return "out_of_memory";
    }
    return "unknown";
}

std::string_view to_string(dtls_event value) noexcept {
    switch (value) {
        case dtls_event::cookie_sent:
            return "cookie_sent";
        case dtls_event::cookie_withheld:
            return "cookie_withheld";
        case dtls_event::accepted:
            return "accepted";
        case dtls_event::refused:
            return "refused";
        case dtls_event::handshake_failed:
            return "handshake_failed";
        case dtls_event::timed_out:
            return "timed_out";
        case dtls_event::unknown:
            return "unknown";
        case dtls_event::dropped:
            return "dropped";
    }
    return "unknown";
}

}  // namespace turnix::io
