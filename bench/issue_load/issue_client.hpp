// One keep-alive connection that asks for credentials, one after the other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/turnix_bench/measurement.hpp"

namespace turnix::bench {

using clock = std::chrono::steady_clock;

/// What all connections share.
struct issue_run {
    std::string request;
    std::chrono::nanoseconds interval{0};  ///< between two requests of one connection; zero: at once
    clock::time_point until{};
    std::uint64_t issued{0};
    std::uint64_t failed{0};  ///< answers that are not 200
    latency_histogram latency{};
};

class issue_client {
  public:
    issue_client() = default;
    issue_client(const issue_client&) = delete;
    issue_client& operator=(const issue_client&) = delete;
    virtual ~issue_client() = default;

    /// The first request goes at `first`. A request that is late because the answer before it was counts its
    /// latency from when it should have gone.
    virtual void start(clock::time_point first) = 0;
};

/// Connects; throws boost::system::system_error. TLS with `tls`, whatever the certificate. The run and `tls`
/// outlive it.
std::unique_ptr<issue_client> connect(boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& to,
                                      boost::asio::ssl::context* tls, issue_run& run);

}  // namespace turnix::bench
