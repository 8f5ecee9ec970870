#include "api/webhooks/outbox.hpp"

#include "api/store/webhook_table.hpp"
#include "tests/api/store/examples.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <future>

using namespace turnix;
using namespace turnix::webhooks;
using namespace std::chrono_literals;

namespace {

class outbox_fixture {
  public:
    outbox_fixture() {
        storing.add_tenant(tenant.organisation, tenant.project, tenant.token);
        hooks.emplace(storing);
        hook = {.id = webhook_id::random(),
                .project = tenant.project.id,
                .url = "https://hooks.example/",
                .events = {"session.ended"},
                .secret = "whsec_test",
                .enabled = true,
                .created_at = tests::noon};
        hooks->add(hook);
        open();
    }

    void open() {
        box.emplace(io.get_executor(),
                    outbox::parts{.records = storing,
                                  .hooks = *hooks,
                                  .write = [](const events::event& what) { return what.data; },
                                  .send =
                                      [this](const outgoing& what, const delivery_client::completion& done) {
                                          sent.push_back(what);
                                          if (answer) done({.status = *answer, .fault = {}});
                                      }});
    }

    static events::event ended(project_id project) {
        return {.id = event_id::random(),
                .kind = events::event_kind::session_ended,
                .project = project,
                .at = std::chrono::system_clock::now(),
                .data = R"({"n":1})"};
    }

    /// Everything that a look at the outbox leads to.
    void look(std::chrono::hours later = 0h) {
        box->look(std::chrono::system_clock::now() + later);
        for (int i = 0; i < 3; ++i) {
            storing.flush();
            io.restart();
            io.poll();
        }
    }
    std::vector<model::delivery> deliveries() {
        std::vector<model::delivery> found;
        storing.run([&](auto& database) {
            found = store::read_deliveries(
                database, {.webhook = hook.id, .state = {}, .before = {}, .before_id = {}, .limit = 100});
        });
        return found;
    }

    tests::temporary_directory directory;
    tests::tenant tenant{"acme", "calls"};
    boost::asio::io_context io;
    store::store storing{directory.path() / "turnix.db"};
    std::optional<webhook_directory> hooks;
    model::webhook hook;
    std::vector<outgoing> sent;
    std::optional<std::int64_t> answer{200};
    std::optional<outbox> box;
};

}  // namespace

TEST_CASE_METHOD(outbox_fixture, "an event goes once, signed, to the webhooks that want it", "[webhooks]") {
    const auto what = ended(tenant.project.id);
    box->on_event(what);
    box->on_event(what);  // the same event, told twice
    box->on_event(ended(project_id::random()));
    auto other = ended(tenant.project.id);
    other.kind = events::event_kind::session_started;
    box->on_event(other);
    look();
    look();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].url == hook.url);
    CHECK(sent[0].body == what.data);
    CHECK(sent[0].fields.find("Turnix-Event: session.ended\r\n") != std::string::npos);
    CHECK(sent[0].fields.find("Turnix-Signature: t=") != std::string::npos);
    REQUIRE(deliveries().size() == 1);
    CHECK(deliveries()[0].delivered_at.has_value());
}

TEST_CASE_METHOD(outbox_fixture, "what was refused stays in the outbox and is tried again", "[webhooks]") {
    answer = 500;
    box->on_event(ended(tenant.project.id));
    look();
    look();
    CHECK(sent.size() == 1);
    REQUIRE(deliveries().size() == 1);
    CHECK(std::string{deliveries()[0].state()} == "pending");
    CHECK(deliveries()[0].last_status == 500);
    answer = 200;
    look(1h);
    CHECK(sent.size() == 2);
    CHECK(std::string{deliveries()[0].state()} == "delivered");
    CHECK(deliveries()[0].attempts == 2);
}

TEST_CASE_METHOD(outbox_fixture, "a store whose queue is full does not end the looks at the outbox",
                 "[webhooks]") {
    box->on_event(ended(tenant.project.id));
    storing.flush();
    std::promise<void> begun;
    std::promise<void> release;
    storing.record([&](auto& /*database*/) {
        begun.set_value();
        release.get_future().wait();
    });
    begun.get_future().wait();
    while (storing.record([](auto& /*database*/) {})) {
    }
    box->look(std::chrono::system_clock::now());
    release.set_value();
    storing.flush();
    look();
    CHECK(sent.size() == 1);
}

TEST_CASE_METHOD(outbox_fixture, "what nobody took for 24 hours is dead, and stays to be seen",
                 "[webhooks]") {
    answer = 500;
    auto old = ended(tenant.project.id);
    old.at -= 24h;
    box->on_event(old);
    look();
    REQUIRE(deliveries().size() == 1);
    CHECK(std::string{deliveries()[0].state()} == "dead");
    look(7 * 24h);
    CHECK(deliveries().empty());
}

TEST_CASE_METHOD(outbox_fixture, "a webhook that does not answer keeps no other waiting", "[webhooks]") {
    answer.reset();
    for (int i = 0; i < 50; ++i) box->on_event(ended(tenant.project.id));
    look();
    look();
    CHECK(sent.size() == outbox::under_way_max);
    auto other = hook;
    other.id = webhook_id::random();
    other.url = "https://other.example/";
    hooks->add(other);
    box->on_event(ended(tenant.project.id));
    look();
    REQUIRE(sent.size() == outbox::under_way_max + 1);
    CHECK(sent.back().url == other.url);
}

TEST_CASE_METHOD(outbox_fixture, "the store may be at work for an outbox that is gone", "[webhooks]") {
    box->on_event(ended(tenant.project.id));
    box->look(std::chrono::system_clock::now());
    box.reset();
    storing.flush();
    io.poll();
    CHECK(sent.empty());
}

TEST_CASE_METHOD(outbox_fixture, "what is under way is not sent a second time, after a restart it is",
                 "[webhooks]") {
    answer.reset();
    box->on_event(ended(tenant.project.id));
    look();
    look();
    CHECK(sent.size() == 1);
    open();
    answer = 200;
    look();
    CHECK(sent.size() == 2);
    CHECK(deliveries()[0].delivered_at.has_value());
}

TEST_CASE_METHOD(outbox_fixture, "a webhook that is switched off is sent nothing", "[webhooks]") {
    box->on_event(ended(tenant.project.id));
    hook.enabled = false;
    hooks->change(hook);
    look();
    box->on_event(ended(tenant.project.id));
    look();
    CHECK(sent.empty());
    CHECK(deliveries().size() == 1);
}
