// turnix-issue-load: asks POST /api/v1/credentials/ice over keep-alive connections, and what came of it as
// one line of JSON.

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <vector>

#include "bench/issue_load/issue_client.hpp"

namespace turnix::bench {
namespace {

struct issue_load {
    std::uint16_t port{0};
    bool tls{false};
    std::string token;
    std::size_t connections{32};
    std::uint64_t rate{0};
    unsigned seconds{5};
    int server_pid{0};
};

std::string request_of(const issue_load& wanted) {
    constexpr std::string_view body =
        R"({"room":"standup","initiator_client":"ann","receiver_client":"bob"})";
    return fmt::format(
        "POST /api/v1/credentials/ice HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        wanted.token, body.size(), body);
}

void run(const issue_load& wanted) {
    boost::asio::io_context io{1};
    boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
    issue_run load{.request = request_of(wanted)};
    if (wanted.rate != 0) {
        load.interval = std::chrono::nanoseconds{std::chrono::seconds{1}} *
                        static_cast<std::int64_t>(wanted.connections) /
                        static_cast<std::int64_t>(wanted.rate);
    }
    const boost::asio::ip::tcp::endpoint server{boost::asio::ip::address_v4::loopback(), wanted.port};
    std::vector<std::unique_ptr<issue_client>> clients;
    clients.reserve(wanted.connections);
    for (std::size_t i = 0; i < wanted.connections; ++i) {
        clients.push_back(connect(io, server, wanted.tls ? &tls : nullptr, load));
    }
    const auto before = usage_of(wanted.server_pid);
    const auto start = clock::now();
    load.until = start + std::chrono::seconds{wanted.seconds};
    const auto step = load.interval / static_cast<std::int64_t>(wanted.connections);
    for (std::size_t i = 0; i < clients.size(); ++i)
        clients[i]->start(start + step * static_cast<std::int64_t>(i));
    io.run();
    const auto seconds = std::chrono::duration<double>(clock::now() - start).count();
    const auto spent = std::max(usage_of(wanted.server_pid).cpu_seconds - before.cpu_seconds, 1e-9);
    std::cout << fmt::format(R"({{"issued":{},"failed":{},"per_second":{:.0f},"server_cpu_seconds":{:.3f},)"
                             R"("issued_per_cpu_second":{:.0f},"latency_us":{{"p50":{},"p99":{}}}}})"
                             "\n",
                             load.issued, load.failed, static_cast<double>(load.issued) / seconds, spent,
                             static_cast<double>(load.issued) / spent, load.latency.at(0.5).count(),
                             load.latency.at(0.99).count());
}

}  // namespace
}  // namespace turnix::bench

int main(int argument_count, char** arguments) {
    turnix::bench::issue_load wanted;
    CLI::App app{"Load for POST /api/v1/credentials/ice on this machine", "turnix-issue-load"};
    app.add_option("--port", wanted.port, "Of the API, on loopback")->required();
    app.add_flag("--tls", wanted.tls, "Over HTTPS, whatever the certificate");
    app.add_option("--token", wanted.token, "With the scope ice:issue")->required();
    app.add_option("--pid", wanted.server_pid, "The server's process")->required();
    app.add_option("--connections", wanted.connections)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--rate", wanted.rate, "Requests a second; as fast as they are answered when 0")
        ->capture_default_str();
    app.add_option("--seconds", wanted.seconds)->check(CLI::PositiveNumber)->capture_default_str();
    try {
        app.parse(argument_count, arguments);
        turnix::bench::run(wanted);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << "turnix-issue-load: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
