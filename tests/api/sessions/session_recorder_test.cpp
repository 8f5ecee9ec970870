#include "api/sessions/session_recorder.hpp"

#include "tests/api/fleet/relay_stub.hpp"
#include "tests/api/store/examples.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <utility>

using namespace turnix;
using namespace std::chrono_literals;

namespace {

std::int64_t number_in(const std::filesystem::path& file, store::sql_literal query) {
    store::sqlite_database database{file};
    auto rows = database.query(query);
    REQUIRE(rows.next());
    return rows.get<std::int64_t>(0);
}

class recorder_fixture {
  public:
    tests::temporary_directory directory;
    std::filesystem::path file = directory.path() / "turnix.db";
    relay_stub control;
    boost::asio::io_context context;
    std::size_t heard{0};
    sessions::session_recorder::listener listen = [this](const auto&) { ++heard; };

    void start_session() { control.reported.emplace_back(tests::start_of_a_session(session_id::random())); }
};

}  // namespace

TEST_CASE_METHOD(recorder_fixture, "events reach the store while the daemon runs", "[sessions]") {
    {
        store::store storing{file};
        sessions::session_recorder recorder{context.get_executor(), control, storing, listen};
        recorder.start();
        start_session();
        context.run_for(150ms);
        CHECK(control.reported.empty());
        start_session();
        context.run_for(150ms);
    }
    CHECK(number_in(file, "select count(*) from sessions where ended_at_ms is null") == 2);
    CHECK(heard == 2);
}

TEST_CASE_METHOD(recorder_fixture, "flush writes what the relay reported last", "[sessions]") {
    store::store storing{file};
    sessions::session_recorder recorder{context.get_executor(), control, storing, listen};
    recorder.start();
    start_session();
    recorder.flush();
    CHECK(control.reported.empty());
    CHECK(number_in(file, "select count(*) from sessions") == 1);
}

TEST_CASE_METHOD(recorder_fixture, "sessions of a process that died are ended at the next start",
                 "[sessions]") {
    store::store storing{file};
    sessions::session_recorder recorder{context.get_executor(), control, storing, listen};
    start_session();
    recorder.flush();
    sessions::session_recorder next{context.get_executor(), control, storing, listen};
    next.start();
    storing.flush();
    CHECK(number_in(file, "select count(*) from sessions where end_reason = 'interrupted'") == 1);
}

TEST_CASE_METHOD(recorder_fixture, "sessions are counted as they begin and end, each once",
                 "[sessions][metrics]") {
    store::store storing{file};
    sessions::session_recorder recorder{context.get_executor(), control, storing, listen};
    start_session();
    auto begun = tests::start_of_a_session(session_id::random());
    begun.transport = net::transport::tls;
    control.reported.emplace_back(begun);
    control.reported.emplace_back(contract::session_ended{.id = begun.id,
                                                          .traffic = {},
                                                          .sequence = 1,
                                                          .reason = contract::end_reason::revoked,
                                                          .at = begun.at});
    recorder.flush();
    recorder.flush();
    const auto totals = recorder.totals();
    CHECK(totals.started[static_cast<std::size_t>(net::transport::tls)] == 1);
    CHECK(totals.started[static_cast<std::size_t>(net::transport::tcp)] == 1);
    CHECK(totals.ended[static_cast<std::size_t>(contract::end_reason::revoked)] == 1);
    CHECK(totals.ended[static_cast<std::size_t>(contract::end_reason::shutdown)] == 0);
}
