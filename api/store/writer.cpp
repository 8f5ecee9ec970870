#include "api/store/writer.hpp"

#include "api/store/store_error.hpp"
#include "api/store/transaction.hpp"
#include "common/clock/insist.hpp"

#include <algorithm>
#include <iterator>
#include <new>

#include <sqlite3.h>

namespace turnix::store {

writer::writer(sqlite_database database, const pace& records_wait)
    : database_{std::move(database)}, records_wait_{records_wait}, thread_{[this] { loop(); }} {}

writer::~writer() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool writer::post(work what) {
    std::size_t queued{0};
    {
        const std::scoped_lock lock{mutex_};
        if (queue_.size() >= queue_max) return false;
        queue_.push_back({.what = std::move(what), .waiting = std::nullopt, .refusal = nullptr});
        queued = queue_.size();
    }
    if (queued == 1 || queued == group_max) changed_.notify_one();
    return true;
}

void writer::run(work what) {
    job asked{.what = std::move(what), .waiting = std::promise<void>{}, .refusal = nullptr};
    std::future<void> outcome;
    insist([&] {
        const std::scoped_lock lock{mutex_};
        if (failing_) throw store_error{SQLITE_IOERR, "the database fails at present"};
        queue_.push_back(std::move(asked));
        // Not before: a promise that is broken takes memory where none may fail.
        outcome = queue_.back().waiting->get_future();
        hurried_ = true;
    });
    changed_.notify_one();
    outcome.get();
}

void writer::count_losses(std::size_t count) noexcept {
    losses_ += count;
    loss_log_.warn("records are lost, {} so far", losses());
}

void writer::loop() {
    for (;;) {
        auto jobs = insist([this] { return take(); });
        if (jobs.empty()) return;
        commit(jobs);
    }
}

/// Waits for work; empty when there will be none.
writer::group writer::take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    changed_.wait_for(lock, records_wait_.gather,
                      [this] { return stopping_ || hurried_ || queue_.size() >= group_max; });
    const auto count = std::min(queue_.size(), group_max);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    group taken{std::move_iterator{queue_.begin()}, std::move_iterator{end}};
    queue_.erase(queue_.begin(), end);
    if (queue_.empty()) hurried_ = false;
    return taken;
}

/// Also with no job left it goes on until the database works again.
void writer::commit(group& jobs) {
    for (;;) {
        try {
            apply(jobs);
            end_failing();
            settle(jobs);
            return;
        } catch (const store_error& error) {
            begin_failing(error, jobs);
        } catch (const std::bad_alloc&) {
            // Whoever waits goes on waiting: memory comes back sooner than a database.
            log_.warn("memory runs short, writes wait");
        }
        if (pause()) continue;
        if (!jobs.empty()) count_losses(jobs.size());
        return;
    }
}

void writer::apply(group& jobs) {
    if (apply_as_one(jobs)) return;
    transaction whole{database_};
    for (auto& each : jobs) apply_one(each);
    whole.commit();
}

/// Without a savepoint for each, which costs more than most of them. False, with nothing done, when somebody
/// waits or one of them does wrong.
bool writer::apply_as_one(group& jobs) {
    if (std::ranges::any_of(jobs, [](const job& each) { return each.waiting.has_value(); })) return false;
    try {
        transaction whole{database_};
        for (auto& each : jobs) each.what(database_);
        whole.commit();
        return true;
    } catch (const store_error& error) {
        if (!error.is_about_the_data()) throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        // Whose it is, the second run tells.
    }
    return false;
}

/// What one piece of work does wrong is undone alone; a database that fails stops the group.
void writer::apply_one(job& each) {
    each.refusal = nullptr;
    database_.run("savepoint one");
    try {
        each.what(database_);
        database_.run("release one");
        return;
    } catch (const store_error& error) {
        if (!error.is_about_the_data()) throw;
        each.refusal = std::current_exception();
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        each.refusal = std::current_exception();
    }
    database_.run("rollback to one");
    database_.run("release one");
}

void writer::settle(group& jobs) {
    for (auto& each : jobs) {
        if (each.waiting && each.refusal) each.waiting->set_exception(each.refusal);
        if (each.waiting && !each.refusal) each.waiting->set_value();
        if (!each.waiting && each.refusal) count_loss();
    }
}

void writer::begin_failing(const store_error& reason, group& jobs) {
    log_.warn("the database fails, writes wait: {}", reason.what());
    const auto failure = std::make_exception_ptr(reason);
    const auto fail_waiting = [&failure](group& in) {
        std::erase_if(in, [&failure](job& each) {
            if (each.waiting) each.waiting->set_exception(failure);
            return each.waiting.has_value();
        });
    };
    fail_waiting(jobs);
    const std::scoped_lock lock{mutex_};
    failing_ = true;
    fail_waiting(queue_);
}

void writer::end_failing() {
    const std::scoped_lock lock{mutex_};
    failing_ = false;
}

bool writer::pause() {
    std::unique_lock lock{mutex_};
    return !changed_.wait_for(lock, records_wait_.retry, [this] { return stopping_; });
}

}  // namespace turnix::store
