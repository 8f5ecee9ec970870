#include "relay/credential_debug.hpp"

#include "common/credential/sealed_credential.hpp"
#include "common/telemetry/unfiltered_log.hpp"
#include "relay/stun/message_writer.hpp"

#include <catch2/catch.hpp>
#include <spdlog/sinks/ostream_sink.h>

#include <array>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

using namespace turnix;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;

namespace {

using shared_keys = std::shared_ptr<const credential::key_ring>;

class nobody final : public contract::session_observer {
  public:
    void on_session_event(contract::session_event /*event*/) noexcept override {}
};

/// What the log tells of a credential while this lives.
class records {
  public:
    records() { log_.sinks().push_back(sink_); }
    records(const records&) = delete;
    records& operator=(const records&) = delete;
    ~records() { log_.sinks().pop_back(); }
    [[nodiscard]] std::string text() const { return text_.str(); }

  private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink_{
        std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)};
    spdlog::logger& log_{telemetry::unfiltered_logger("relay.debug")};
};

shared_keys new_keys() {
    return std::make_shared<const credential::key_ring>(
        credential::key_ring::generate(instant::now(), std::chrono::days{1}));
}

credential::issued_credential issue(const credential_id& id, const shared_keys& keys) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    credential::claims claims;
    claims.id = id;
    claims.issued_at = now;
    claims.expires_at = claims.sessions_end_at = now + 60s;
    return credential::credential_sealer{keys, "example.net"}.issue(claims, now).value();
}

/// A request of that user which gets no answer at once.
void ask(relay::credential_debug& debug, stun::method of, std::string_view username) {
    std::array<std::byte, 1024> buffer{};
    stun::message_writer out{buffer, {of, stun::message_class::request, {}}};
    out.add(stun::attribute_type::username, username);
    const auto now = instant::now();
    const turn::client_effect effect{turn::silence{}};
    debug.on_exchange({.now = now, .path = {}, .message = out.message(), .effect = effect}, nullptr);
}

}  // namespace

TEST_CASE("a credential is told of that was issued under keys which came later", "[relay][debug]") {
    const bool is_awake_before = GENERATE(true, false);
    const records log;
    nobody onward;
    relay::credential_debug debug{onward, new_keys(), "example.net"};
    const auto id = credential_id::random();
    const auto look = [&] {
        debug.look_for(relay::debug_wish{.credential = id, .name = "watched", .until = monotonic_time::max()},
                       {}, instant::now().monotonic);
    };
    const auto later = new_keys();
    if (is_awake_before) look();
    debug.use(later);
    if (!is_awake_before) look();
    ask(debug, stun::method::connect, issue(id, later).username);
    CHECK_THAT(log.text(), Contains("credential watched: "));
    CHECK_THAT(log.text(), Contains("connect: no answer yet"));
}
