#include "api/upstream/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

namespace turnix::upstream {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often give_up is asked.
constexpr milliseconds look_interval{100};

// Of PostgreSQL's catalogue pg_type; they never change.
constexpr Oid bool_type = 16;
constexpr Oid bytea_type = 17;
constexpr Oid int8_type = 20;
constexpr Oid int4_type = 23;

wire_type type_of(Oid type) {
    switch (type) {
        case bool_type:
            return wire_type::truth;
        case bytea_type:
            return wire_type::bytes;
        case int8_type:
        case int4_type:
            return wire_type::number;
        default:
            return wire_type::text;
    }
}

/// Without the line ends that libpq puts into its messages.
std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

bool is_ready(int socket, short events, milliseconds within) {
    pollfd waiting{.fd = socket, .events = events, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(within.count()));
    if (ready < 0 && errno != EINTR) throw upstream_error{"the connection's socket cannot be waited for"};
    return ready > 0;
}

}  // namespace

void connection::closer::operator()(pg_conn* open) const noexcept { PQfinish(open); }
void connection::closer::operator()(pg_result* result) const noexcept { PQclear(result); }

connection::connection(const std::string& url, give_up is_over) : is_over_{std::move(is_over)} {
    // What the URL says comes later, and counts.
    static constexpr std::array keywords{static_cast<const char*>("fallback_application_name"),
                                         "client_encoding", "tcp_user_timeout", "dbname",
                                         static_cast<const char*>(nullptr)};
    const std::array values{static_cast<const char*>("turnixd"), "UTF8", "15000", url.c_str(),
                            static_cast<const char*>(nullptr)};
    open_.reset(PQconnectStartParams(keywords.data(), values.data(), 1));
    if (!open_) throw upstream_error{"there is no memory for a connection"};
    finish_connecting();
    if (PQsetnonblocking(open_.get(), 1) != 0) throw_failure(nullptr);
    // Its words for the operator are in the errors.
    PQsetNoticeProcessor(open_.get(), [](void*, const char*) {}, nullptr);
}

void connection::finish_connecting() {
    const auto until = steady_clock::now() + connect_timeout;
    auto state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED || PQstatus(open_.get()) == CONNECTION_BAD) throw_failure(nullptr);
        wait(state == PGRES_POLLING_WRITING, until);
        state = PQconnectPoll(open_.get());
    }
}

std::vector<row> connection::query(store::sql_literal sql, std::span<const std::string> parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& each : parameters) values.push_back(each.c_str());
    const std::string text{sql.text()};
    if (PQsendQueryParams(open_.get(), text.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                          nullptr, nullptr, 0) == 0) {
        throw_failure(nullptr);
    }
    const auto result = await_result();
    std::vector<row> rows(static_cast<std::size_t>(PQntuples(result.get())));
    const int columns = PQnfields(result.get());
    for (int at = 0; at < PQntuples(result.get()); ++at) {
        auto& made = rows[static_cast<std::size_t>(at)];
        for (int column = 0; column < columns; ++column) {
            const std::string_view value{PQgetvalue(result.get(), at, column),
                                         static_cast<std::size_t>(PQgetlength(result.get(), at, column))};
            const bool is_null = PQgetisnull(result.get(), at, column) != 0;
            made.push_back(is_null ? sqlite_cell{}
                                   : cell_from(value, type_of(PQftype(result.get(), column))));
        }
    }
    return rows;
}

void connection::run_script(std::string_view sql) {
    const std::string text{sql};
    if (PQsendQuery(open_.get(), text.c_str()) == 0) throw_failure(nullptr);
    await_result();
}

connection::result_pointer connection::await_result() {
    const auto until = steady_clock::now() + answer_timeout;
    result_pointer last;
    result_pointer refused;
    for (;;) {
        while (PQisBusy(open_.get()) != 0) {
            // What is to be sent may still be on its way.
            wait(PQflush(open_.get()) == 1, until);
            if (PQconsumeInput(open_.get()) == 0) throw_failure(nullptr);
        }
        result_pointer next{PQgetResult(open_.get())};
        if (!next) break;
        const auto status = PQresultStatus(next.get());
        const bool is_fine = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
        if (!is_fine && !refused) refused = std::move(next);
        if (is_fine) last = std::move(next);
    }
    if (refused || !last) throw_failure(refused.get());
    return last;
}

bool connection::wait_for_notice(milliseconds at_most) {
    if (is_ready(PQsocket(open_.get()), POLLIN, at_most) && PQconsumeInput(open_.get()) == 0)
        throw_failure(nullptr);
    bool is_any = false;
    while (auto* const notice = PQnotifies(open_.get())) {
        PQfreemem(notice);
        is_any = true;
    }
    return is_any;
}

void connection::wait(bool to_write, deadline until) {
    // A result may come while something is still to be sent.
    const auto events = static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN);
    while (!is_ready(PQsocket(open_.get()), events, look_interval)) {
        if (is_over_()) throw upstream_error{"this node stops"};
        if (steady_clock::now() > until) throw upstream_error{"it does not answer"};
    }
}

void connection::throw_failure(const pg_result* refused) const {
    if (refused == nullptr) throw upstream_error{one_line(PQerrorMessage(open_.get()))};
    const char* const state = PQresultErrorField(refused, PG_DIAG_SQLSTATE);
    throw upstream_error{one_line(PQresultErrorMessage(refused)), state == nullptr ? "" : state};
}

}  // namespace turnix::upstream
