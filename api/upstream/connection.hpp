// One connection to the database that nodes share, over libpq, with a time limit on everything but the
// look-up of its name.
//
// Used by one thread, which waits meanwhile. Statements are literals: values go as parameters only.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "api/upstream/upstream_error.hpp"
#include "api/upstream/wire_text.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct pg_conn;
struct pg_result;

namespace turnix::upstream {

/// Says when to give up what is under way; asked several times a second, besides the time limit.
using give_up = std::function<bool()>;

class connection {
  public:
    static constexpr std::chrono::seconds connect_timeout{5};
    static constexpr std::chrono::seconds answer_timeout{20};

    /// `url`: a connection URI or string of libpq's. All functions throw upstream_error, after which the
    /// connection is good for nothing unless the error is about the data.
    connection(const std::string& url, give_up is_over);

    std::vector<row> query(store::sql_literal sql, std::span<const std::string> parameters = {});
    /// Several statements, without parameters.
    void run_script(std::string_view sql);
    /// Waits for a notification of a channel that is listened to; false when none came.
    bool wait_for_notice(std::chrono::milliseconds at_most);

  private:
    struct closer {
        void operator()(pg_conn* open) const noexcept;
        void operator()(pg_result* result) const noexcept;
    };
    using result_pointer = std::unique_ptr<pg_result, closer>;
    using deadline = std::chrono::steady_clock::time_point;

    void finish_connecting();
    /// The last of its results; throws for the first that is an error.
    result_pointer await_result();
    /// Until the socket is ready; throws when the time is over.
    void wait(bool to_write, deadline until);
    [[noreturn]] void throw_failure(const pg_result* refused) const;

    std::unique_ptr<pg_conn, closer> open_;
    give_up is_over_;
};

}  // namespace turnix::upstream
