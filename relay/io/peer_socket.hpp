// A TCP connection with a peer while no worker serves it: the socket as it is.
//
// Goes from the worker that made or accepted it through the node's connection_table to the one that serves
// it.
#pragma once

#include "relay/io/file_descriptor.hpp"
#include "relay/turn/connection_table.hpp"

#include <utility>

namespace turnix::io {

struct peer_socket final : turn::peer_stream {
    explicit peer_socket(file_descriptor connected) noexcept : socket{std::move(connected)} {}

    file_descriptor socket;
};

}  // namespace turnix::io
