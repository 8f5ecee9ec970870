// A server on a thread of its own, and clients that speak to it with blocking sockets.
#pragma once

#include "api/http/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <string>
#include <thread>

namespace turnix::http {

/// Listens where `prepare` says, then runs until the end of the test.
class running_server {
  public:
    running_server(server_settings settings, server::answerer answer,
                   const std::function<void(server&)>& prepare)
        : server_{io_, std::move(settings), std::move(answer)} {
        prepare(server_);
        server_.start();
        thread_ = std::thread{[this] { io_.run(); }};
    }
    ~running_server() {
        boost::asio::post(io_, [this] {
            server_.stop();
            guard_.reset();
        });
        thread_.join();
    }
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;

    boost::asio::io_context& io() noexcept { return io_; }

  private:
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io_.get_executor()};
    server server_;
    std::thread thread_;
};

/// A TCP connection on which reads give up after ten seconds.
class test_client {
  public:
    explicit test_client(const net::endpoint& to, std::string_view from = "127.0.0.1");

    void send(std::string_view bytes);
    /// What comes until `bytes_least` are here, the end, or ten seconds.
    std::string receive(std::size_t bytes_least = std::string::npos);
    /// What comes until this has come `times` times.
    std::string receive_until(std::string_view mark, std::size_t times = 1);

  private:
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::socket socket_{io_};
};

net::endpoint loopback(std::uint16_t port = 0);

}  // namespace turnix::http
