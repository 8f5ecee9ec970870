#include "daemon/process_events.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::daemon;

TEST_CASE("the ready event is one line of JSON with what was really bound", "[daemon]") {
    const ready_event ready{
        .api = net::endpoint::parse("127.0.0.1:8080").value(),
        .api_tls = false,
        .status = net::endpoint::parse("127.0.0.1:9641").value(),
        .listeners = {{net::transport::udp, net::endpoint::parse("127.0.0.1:3478").value()},
                      {net::transport::tls, net::endpoint::parse("[::1]:5349").value()}},
        .workers = 2,
        .engine = "epoll"};
    CHECK(ready.to_json() ==
          R"({"event":"ready","api":"http://127.0.0.1:8080","status":"http://127.0.0.1:9641","listeners":[)"
          R"({"transport":"udp","address":"127.0.0.1:3478"},{"transport":"tls","address":"[::1]:5349"}],)"
          R"("workers":2,"engine":"epoll"})");
    CHECK(ready_event{}.to_json().find(R"("status":null)") != std::string::npos);
}

TEST_CASE("the stopped event counts the sessions that were ended", "[daemon]") {
    CHECK(stopped_event{2}.to_json() == R"({"event":"stopped","sessions_ended":2})");
}
