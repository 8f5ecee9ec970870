// The datagram engines by name.
#pragma once

#include "relay/io/datagram_engine.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace turnix::io {

/// `name` is relay.engine: "auto" or an engine's name. Throws std::runtime_error that lists the names when it
/// is none.
std::unique_ptr<datagram_engine> make_datagram_engine(std::string_view name, boost::asio::io_context& context,
                                                      std::vector<datagram_listener> listeners);

}  // namespace turnix::io
