// Accepts connections on one listening socket, and stops doing so while descriptors or memory run short.
//
// Owned by the stream server of its worker, used on that thread.
#pragma once

#include "common/contract/load_step.hpp"
#include "common/net/endpoint.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/stream_opening.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace turnix::io {

struct accepted_connection {
    file_descriptor socket;
    net::endpoint client;
    net::endpoint server;
    stream_protocols serves;
};

/// A listening socket as the stream server is given it.
struct stream_listener_socket {
    file_descriptor socket;
    net::endpoint address;  ///< with the bound port
    stream_protocols serves;
};

class stream_listener {
  public:
    using handler = std::function<void(accepted_connection)>;

    /// Load and counters outlive it.
    stream_listener(boost::asio::io_context& context, stream_listener_socket given,
                    const contract::load_signal& load, stream_counters& counters, handler on_accepted);

    void start();
    /// Takes up again what was paused.
    void on_tick();
    void close();

  private:
    void wait();
    void accept_all();
    /// False when none was there, or the listener has paused.
    bool accept_one();
    /// Until the next tick; false.
    bool pause() noexcept;

    boost::asio::posix::stream_descriptor descriptor_;
    stream_protocols serves_;
    const contract::load_signal& load_;
    stream_counters& counters_;
    handler on_accepted_;
    int highest_descriptor_;
    bool paused_{false};
};

}  // namespace turnix::io
