// turnix-bench: load for any TURN server over UDP, and what it did with it, as one line of JSON.

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include "bench/turnix_bench/client_crowd.hpp"
#include "bench/turnix_bench/measurement.hpp"
#include "bench/turnix_bench/options.hpp"
#include "bench/turnix_bench/traffic.hpp"

namespace turnix::bench {
namespace {

const std::map<std::string, mode> modes{{"c2p", mode::c2p},
                                        {"p2c", mode::p2c},
                                        {"both", mode::both},
                                        {"alloc", mode::alloc},
                                        {"hold", mode::hold}};

/// What the server used between two moments; nothing when its process is not known.
class server_watch {
  public:
    explicit server_watch(int pid) : pid_{pid} { begin(); }
    void begin() {
        if (pid_ != 0) before_ = usage_of(pid_);
    }
    /// JSON members about `count` of something done since, led by a comma.
    [[nodiscard]] std::string report(const char* name, std::uint64_t count) const {
        if (pid_ == 0) return {};
        const auto now = usage_of(pid_);
        const double spent = std::max(now.cpu_seconds - before_.cpu_seconds, 1e-9);
        return fmt::format(R"(,"server_cpu_seconds":{:.6f},"{}_per_cpu_second":{:.0f},"server_rss_bytes":{},)"
                           R"("server_rss_growth_bytes":{})",
                           spent, name, static_cast<double>(count) / spent, now.resident_bytes,
                           static_cast<std::int64_t>(now.resident_bytes - before_.resident_bytes));
    }

  private:
    int pid_;
    process_usage before_;
};

std::string report(const traffic_result& result) {
    return fmt::format(
        R"("sent":{},"received":{},"lost":{},"per_second":{:.0f},"latency_us":{{"p50":{},"p90":{},)"
        R"("p99":{},"p999":{}}})",
        result.sent, result.received, result.lost, static_cast<double>(result.received) / result.seconds,
        result.latency.at(0.5).count(), result.latency.at(0.9).count(), result.latency.at(0.99).count(),
        result.latency.at(0.999).count());
}

void tell(const std::string& members) { std::cout << "{" << members << "}\n" << std::flush; }

void run(const load& wanted) {
    const login credential{.username = wanted.username, .password = wanted.password};
    const auto peer = open_bound(wanted.peer);
    if (wanted.gso) join_received(peer);
    client_crowd clients{wanted, credential, local_of(peer)};
    server_watch server{wanted.server_pid};
    const auto began = std::chrono::steady_clock::now();
    clients.set_up();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::string told = fmt::format(R"("allocations":{})", clients.size());
    if (wanted.what == mode::alloc || wanted.what == mode::hold) {
        told += fmt::format(R"(,"allocations_per_second":{:.0f})",
                            static_cast<double>(clients.size()) / took.count());
        told += server.report("allocations", clients.size());
        tell(told);
        if (wanted.what == mode::hold) std::this_thread::sleep_for(wanted.duration);
    } else {
        traffic flow{wanted, clients, peer};
        flow.run(std::chrono::milliseconds{500});  // caches, routes and buffers are warm after it
        server.begin();
        const auto result = flow.run(wanted.duration);
        told += fmt::format(R"(,"payload_bytes":{},"burst":{},{}{})", wanted.payload_bytes, wanted.burst,
                            report(result), server.report("packets", result.received));
        tell(told);
    }
    clients.release();
}

struct addresses_given {
    std::string server;
    std::string peer;
    std::string clients;
};

void add_options(CLI::App& to, load& wanted, addresses_given& given) {
    to.add_option("mode", wanted.what,
                  "c2p, p2c, both: relay datagrams; alloc: set up; hold: set up, tell, and keep")
        ->required()
        ->transform(CLI::CheckedTransformer(modes));
    to.add_option("--server", given.server, "The TURN server's UDP address")
        ->required()
        ->type_name("ADDRESS:PORT");
    to.add_option("--peer", given.peer, "Where the peer binds; default: the server's address")
        ->type_name("ADDRESS");
    to.add_option("--from", given.clients, "Where the clients bind; default: as the way to the server has it")
        ->type_name("ADDRESS");
    to.add_option("--username", wanted.username)->required();
    to.add_option("--password", wanted.password)->required();
    to.add_option("--allocations", wanted.allocations)->capture_default_str()->check(CLI::PositiveNumber);
    to.add_option("--payload", wanted.payload_bytes, "Bytes of a datagram's payload")
        ->capture_default_str()
        ->check(CLI::Range(payload_bytes_min, std::size_t{8'000}));
    to.add_option("--burst", wanted.burst, "Datagrams that one allocation sends in a row")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, send_burst::datagrams_max));
    to.add_option("--rate", wanted.rate, "Datagrams a second in all; 0: a new one for each that arrived")
        ->capture_default_str();
    to.add_option("--window", wanted.window, "Datagrams on their way at most")->capture_default_str();
    to.add_option_function<unsigned>(
        "--seconds", [&wanted](unsigned seconds) { wanted.duration = std::chrono::seconds{seconds}; },
        "How long; default: 5");
    to.add_flag("--gso", wanted.gso,
                "Send a burst as one (UDP_SEGMENT) and let arrivals be joined (UDP_GRO)");
    to.add_option("--pid", wanted.server_pid,
                  "The server's process on this machine: its CPU time is counted");
}

}  // namespace
}  // namespace turnix::bench

int main(int argument_count, char** arguments) {
    turnix::bench::load wanted;
    turnix::bench::addresses_given given;
    CLI::App app{"Load for a TURN server over UDP. Prints one line of JSON.", "turnix-bench"};
    try {
        turnix::bench::add_options(app, wanted, given);
        app.parse(argument_count, arguments);
        wanted.server = turnix::net::endpoint::parse(given.server).value();
        wanted.peer =
            given.peer.empty() ? wanted.server.address : turnix::net::address::parse(given.peer).value();
        if (!given.clients.empty()) wanted.clients = turnix::net::address::parse(given.clients).value();
        turnix::bench::run(wanted);
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << "turnix-bench: " << error.what() << '\n';
        return 1;
    }
}
