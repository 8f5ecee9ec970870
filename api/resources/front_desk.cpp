#include "api/resources/front_desk.hpp"

#include "api/resources/etag.hpp"
#include "api/store/audit_table.hpp"
#include "api/store/store_error.hpp"
#include "common/clock/insist.hpp"

#include <exception>
#include <functional>
#include <new>
#include <utility>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

constexpr std::string_view key_header = "Idempotency-Key";
/// More than any path has that leads somewhere; the audit log is kept for ever.
constexpr std::size_t audit_target_bytes_max = 1'024;

/// Method and pattern name what was done.
std::string action_of(const http::route& where) {
    return std::string{to_string(where.method)} + ' ' + where.pattern;
}

http::response refused(const error& what, const http::request& asked) {
    return to_response(what, asked.request_id);
}

/// A database that fails is not the caller's fault, and passes.
error error_of(const store::store_error& fault) {
    if (fault.is_about_the_data()) return {.code = error_code::internal, .message = "The server failed."};
    return {.code = error_code::unavailable, .message = "The database does not work at present."};
}

}  // namespace

/// A request on its way through the lanes.
struct front_desk::job {
    const endpoint& what;
    http::request asked;
    http::context with;
    model::principal caller;
    http::responder answer;

    [[nodiscard]] call as_call() const noexcept { return {asked, with, caller}; }
};

lanes inline_lanes() {
    const auto at_once = [](const std::function<void()>& piece) { piece(); };
    return {.control = at_once, .desk = at_once};
}

void front_desk::log_failure(const http::request& asked, const std::exception& fault) noexcept {
    failures_.error("request {}: {}", asked.request_id, fault.what());
}

template <class Step>
http::response front_desk::guarded(const http::request& asked, Step step) {
    try {
        return step();
    } catch (const store::store_error& fault) {
        log_failure(asked, fault);
        return refused(error_of(fault), asked);
    } catch (const std::bad_alloc& fault) {
        log_failure(asked, fault);
        return insist([&] { return refused(http::short_of_memory(), asked); });
    } catch (const std::exception& fault) {
        log_failure(asked, fault);
        return refused({.code = error_code::internal,
                        .message = "The server failed at this request; its log has the reason."},
                       asked);
    }
}

http::handler front_desk::serve(endpoint what) {
    return [this, what = std::move(what)](const http::request& asked, const http::context& with) {
        return admit(what, asked, with);
    };
}

http::response front_desk::admit(const endpoint& what, const http::request& asked,
                                 const http::context& with) {
    if (asked.origin == http::origin::fleet_node && !what.fleet) {
        return refused({.code = error_code::not_found, .message = "Nodes do not ask each other this."},
                       asked);
    }
    auto caller = admission_.identify(asked, with.now);
    if (caller.has_error()) return refused(caller.error(), asked);
    if (const auto refusal = admission_.refusal(*caller, asked, what.scope)) {
        auto answer = refused(*refusal, asked);
        audit(what, {asked, with, *caller}, answer);
        return answer;
    }
    const auto* const key =
        what.where.method == http::method::post ? asked.headers.find(key_header) : nullptr;
    if (key != nullptr && !is_idempotency_key(*key)) {
        return refused({.code = error_code::field_invalid,
                        .message = "Idempotency-Key must have 1 to 255 printable ASCII characters.",
                        .param = std::string{key_header}},
                       asked);
    }
    std::optional<http::response> own;
    if (key == nullptr && what.needs == work::in_memory) {
        own = run(what, {asked, with, *caller});
        if (!is_open(what, {asked, with, *caller}, *own)) return std::move(*own);
    }
    auto made = std::make_shared<job>(job{what, asked, with, std::move(*caller), {}});
    if (own) {
        return {.later = [this, made, own = std::move(*own)](http::responder to) {
            made->answer = std::move(to);
            ask_others(made, own);
        }};
    }
    const auto work = key == nullptr ? &front_desk::work_at_desk : &front_desk::work_under_key;
    return {.later = [this, made, work](http::responder to) {
        made->answer = std::move(to);
        lanes_.desk([this, made, work] { (this->*work)(made); });
    }};
}

void front_desk::work_at_desk(const job_pointer& on) {
    auto answer = run(on->what, on->as_call());
    if (is_open(on->what, on->as_call(), answer)) return ask_others(on, answer);
    finish(on, std::move(answer));
}

bool front_desk::is_open(const endpoint& what, const call& with, const http::response& own) {
    const bool is_for_all = what.fleet && with.request.origin != http::origin::fleet_node;
    return is_for_all && what.fleet->is_open(with, own);
}

void front_desk::ask_others(const job_pointer& on, const http::response& own) {
    const auto merge = [this, on, own](const others_answers& others) {
        auto made = guarded(on->asked, [&] { return on->what.fleet->merge(on->as_call(), own, others); });
        if (on->what.needs == work::in_memory) add_etag(on->asked, made);
        finish(on, std::move(made));
    };
    if (others_ == nullptr || !others_->is_joined()) {
        return lanes_.desk(std::bind_front(merge, others_answers{}));
    }
    lanes_.control([this, on, merge] {
        others_->ask(
            on->asked, on->caller, on->what.fleet->first_is_enough,
            [this, merge](const others_answers& others) { lanes_.desk(std::bind_front(merge, others)); });
    });
}

void front_desk::finish(const job_pointer& on, http::response made) {
    insist([&] { audit(on->what, on->as_call(), made); });  // what was done is on record
    lanes_.control([on, answer = std::move(made)] {
        if (answer.later) return answer.later(on->answer);
        on->answer(answer);
    });
}

void front_desk::work_under_key(const job_pointer& on) {
    auto under = idempotency_.ticket_of(on->as_call(), *on->asked.headers.find(key_header));
    std::optional<http::response> known;
    try {
        known = idempotency_.begin(under, on->as_call());
    } catch (const store::store_error& fault) {
        log_failure(on->asked, fault);
        known = refused(error_of(fault), on->asked);
    }
    if (known) return lanes_.control([on, answer = std::move(*known)] { on->answer(answer); });
    if (on->what.needs != work::in_memory) {
        auto made = run(on->what, on->as_call());
        insist([&] { audit(on->what, on->as_call(), made); });
        return settle(on, under, std::move(made));
    }
    // The key is taken: from here on nothing is left undone for want of memory.
    insist([&] { lanes_.control([this, on, under] { work_in_memory(on, under); }); });
}

void front_desk::work_in_memory(const job_pointer& on, const idempotency::ticket& under) {
    const auto made = run(on->what, on->as_call());
    insist([&] { lanes_.desk([this, on, under, made] { settle(on, under, made); }); });
}

void front_desk::settle(const job_pointer& on, const idempotency::ticket& under, http::response made) {
    try {
        insist([&] { idempotency_.settle(under, made); });
    } catch (const store::store_error& fault) {
        log_failure(on->asked, fault);
        made = refused(error_of(fault), on->asked);
    }
    lanes_.control([on, answer = std::move(made)] { on->answer(answer); });
}

http::response front_desk::run(const endpoint& what, const call& with) {
    return guarded(with.request, [&] {
        auto done = what.handle(with);
        auto made = done ? std::move(*done) : refused(done.error(), with.request);
        if (what.needs == work::in_memory && !what.fleet) add_etag(with.request, made);
        return made;
    });
}

/// Queued: while the database fails, the line waits with everything else. The node that the caller asked has
/// it.
void front_desk::audit(const endpoint& what, const call& with, const http::response& made) {
    const auto& [asked, context, caller] = with;
    if (what.needs != work::changes_store || asked.origin == http::origin::fleet_node) return;
    const auto* const location = made.headers.find("Location");
    store::audit_entry entry{
        .id = audit_id::random(),
        .at = with.now(),
        .organisation = caller.reach.organisation,
        .project = caller.project->id,
        .token = {},
        .action = action_of(what.where),
        .target = location == nullptr ? asked.path.substr(0, audit_target_bytes_max) : *location,
        .client = {},
        .request_id = asked.request_id,
        .status = made.status};
    if (asked.origin == http::origin::network) entry.token = caller.token;
    if (asked.client) entry.client = asked.client->to_string();
    records_.record([entry](auto& database) { store::insert_audit_entry(database, entry); });
}

}  // namespace turnix::api
