#include "api/channel/node_client.hpp"

#include "common/clock/run_after.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace turnix::channel {

struct node_client::question {
    question(boost::asio::io_context& io, std::string text, node_link::completion then)
        : request{std::move(text)}, done{std::move(then)}, timer{io} {}

    std::string request;
    node_link::completion done;  ///< null once it is answered
    boost::asio::steady_timer timer;
    monotonic_time asked_at{instant::now().monotonic};
    std::weak_ptr<node_link> asked_on;
};

node_client::node_client(boost::asio::io_context& io, std::shared_ptr<boost::asio::ssl::context> tls,
                         const net::endpoint& address, std::shared_ptr<channel_counters> counters)
    : io_{io}, tls_{std::move(tls)}, address_{address}, counters_{std::move(counters)} {}

void node_client::ask(std::string request, node_link::completion done) {
    const bool is_paused = links_.empty() && instant::now().monotonic < paused_until_;
    if (is_paused || waiting_.size() >= waiting_max) {
        counters_->count(is_paused ? request_outcome::unreachable : request_outcome::overrun);
        boost::asio::post(io_, [done = std::move(done)] { done(std::nullopt); });
        return;
    }
    const auto made = std::make_shared<question>(io_, std::move(request), std::move(done));
    waiting_.push_back(made);
    run_after(made->timer, answer_time, [self = shared_from_this(), made] { self->on_time_over(made); });
    give_out();
}

void node_client::stop() {
    refuse_waiting();
    for (const auto& each : std::vector{links_}) each->close();
}

void node_client::give_out() {
    try {
        give_to_idle();
        open_links();
    } catch (const std::bad_alloc&) {
    }
}

void node_client::give_to_idle() {
    for (const auto& each : std::vector{links_}) {
        if (waiting_.empty()) return;
        if (each->is_idle()) give(each);
    }
}

void node_client::open_links() {
    const auto coming = std::ranges::count_if(links_, [](const auto& each) { return each->is_setting_up(); });
    const bool has_enough = std::cmp_greater_equal(coming, waiting_.size());
    if (has_enough || links_.size() >= links_max) return;
    const auto told = [owner = weak_from_this()](void (node_client::*what)(const node_link&)) {
        return [owner, what](const node_link& which) {
            if (const auto self = owner.lock()) ((*self).*what)(which);
        };
    };
    const node_link::events events{.idle = told(&node_client::on_idle),
                                   .ended = told(&node_client::on_ended)};
    links_.reserve(links_max);
    const auto made = std::make_shared<node_link>(io_, tls_, counters_, events);
    made->start(address_);
    links_.push_back(made);
}

void node_client::give(const std::shared_ptr<node_link>& to) {
    const auto what = waiting_.front();
    node_link::completion then = [self = shared_from_this(), what](std::optional<http::response> answer) {
        if (answer) self->pause_ = std::chrono::milliseconds{0};
        const auto outcome = answer ? request_outcome::answered : request_outcome::broken;
        self->end(what, outcome, std::move(answer));
    };
    waiting_.pop_front();
    what->asked_on = to;
    to->ask(std::move(what->request), std::move(then));
}

void node_client::on_idle(const node_link& /*which*/) { give_out(); }

void node_client::on_ended(const node_link& which) {
    std::erase_if(links_, [&which](const auto& each) { return each.get() == &which; });
    if (!which.has_answered()) {
        pause_ = std::clamp(2 * pause_, pause_least, pause_most);
        paused_until_ = instant::now().monotonic + pause_;
        if (links_.empty()) refuse_waiting();
    }
    give_out();
}

/// An answer that came now would be taken for that to another question.
void node_client::on_time_over(const question_pointer& what) {
    if (!what->done) return;
    std::erase(waiting_, what);
    const auto link = what->asked_on.lock();
    end(what, request_outcome::late);
    if (link) link->close();
}

void node_client::refuse_waiting() {
    for (auto left = waiting_.size(); left > 0 && !waiting_.empty(); --left) {
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        end(next, request_outcome::unreachable);
    }
}

void node_client::end(const question_pointer& what, request_outcome outcome,
                      std::optional<http::response> answer) {
    what->timer.cancel();
    const auto then = std::exchange(what->done, nullptr);
    if (!then) return;
    if (answer) {
        counters_->count_answer(instant::now().monotonic - what->asked_at);
    } else {
        counters_->count(outcome);
    }
    try {
        then(std::move(answer));
    } catch (const std::bad_alloc&) {
        // It has let go of what it was for.
    }
}

}  // namespace turnix::channel
