// A node of the fleet that says whatever the input has it say, in datagrams that are sealed as they should be
// or not, to one that keeps to the rules. What nobody signed is never believed, nobody is spoken for by
// another one, what was heard once counts once, and no datagram brings forth more than a bounded answer.
#include "api/fleet/gossip/agent.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace turnix::fuzz {

namespace {

using namespace std::chrono_literals;

constexpr wall_time wall{std::chrono::hours{500'000}};
constexpr std::size_t answers_max = gossip::facts_sent_max + 16;

class two_nodes {
  public:
    two_nodes() {
        step();
        expect(answers_ > 0 && challenge_ != gossip::challenge{});
        say({.body = gossip::hello{.asked = {}, .echo = challenge_}, .told = {}});
        say({.body = gossip::ping{1}, .told = {}});
        expect(honest_.counters().received == 1);
    }

    void pass(std::chrono::milliseconds time) {
        now_.monotonic += time;
        now_.wall += time;
        step();
    }
    /// Not sealed at all.
    void throw_at(std::span<const std::byte> bytes) {
        const auto before = honest_.counters();
        deliver({bytes.begin(), bytes.end()});
        expect(honest_.counters().received == before.received);
        expect(honest_.counters().refused == before.refused + 1);
    }
    /// Sealed, but what it tells is signed by nobody.
    void claim(std::span<const std::byte> plain) {
        if (plain.size() > gossip::envelope::plain_bytes_max) return;
        deliver_sealed(plain);
        expect(honest_.take_facts().empty());
        expect(!honest_.find(third_.id)->record);
    }
    /// What it tells is signed by the one who says it.
    void sign_and_say(std::span<const std::byte> plain) {
        auto read = gossip::read_message(plain);
        if (!read) return;
        for (auto& told : read->told) {
            if (auto* const record = std::get_if<gossip::signed_record>(&told)) {
                record->values.node = self_.id;
                *record = gossip::sign(record->values, key_);
            } else if (auto* const fact = std::get_if<gossip::signed_fact>(&told)) {
                *fact = gossip::sign(fact->values, self_.id, key_);
            }
        }
        if (gossip::write_message(*read).size() > gossip::envelope::plain_bytes_max) return;
        say(*read);
        static_cast<void>(honest_.take_facts());
    }
    void say_again() {
        const auto received = honest_.counters().received;
        deliver(last_);
        expect(honest_.counters().received == received);
    }

  private:
    void say(const gossip::message& what) { deliver_sealed(gossip::write_message(what)); }
    void deliver_sealed(std::span<const std::byte> plain) {
        auto sealed = liar_.seal(honest_.id(), plain, now_.wall);
        expect(sealed.size() == 1);
        deliver(std::move(sealed.front()));
    }
    void deliver(std::vector<std::byte> datagram) {
        honest_.on_datagram(datagram, now_);
        last_ = std::move(datagram);
        check();
    }
    void step() {
        honest_.on_tick(now_);
        check();
    }
    void check() {
        answers_ = 0;
        for (const auto& each : honest_.take_outgoing()) {
            expect(each.datagram.size() <= gossip::datagram_bytes_max);
            expect(each.to == self_.address || each.to == third_.address);
            expect(++answers_ <= answers_max);
            if (each.to == self_.address) hear(each.datagram);
        }
        expect(honest_.members().size() == 2);
        expect(honest_.find(third_.id)->state() == gossip::node_state::unknown);
        static_cast<void>(honest_.take_changes());
    }
    void hear(std::span<const std::byte> datagram) {
        const auto opened = liar_.open(datagram);
        expect(opened.has_value());
        if (!opened) return;
        const auto read = gossip::read_message(opened->plain);
        expect(read.has_value());
        const auto* const greeting = read ? std::get_if<gossip::hello>(&read->body) : nullptr;
        if (greeting != nullptr && greeting->asked != gossip::challenge{}) challenge_ = greeting->asked;
    }

    static gossip::key_ring_pointer ring() {
        static const auto made = std::make_shared<const credential::key_ring>(
            credential::key_ring::generate({.monotonic = {}, .wall = wall}, std::chrono::days{365}));
        return made;
    }

    instant now_{.monotonic = monotonic_time{1h}, .wall = wall + 1h};
    crypto::ed25519_key key_{crypto::secret<32>{{1}}};
    gossip::known_node self_{key_.public_key(), net::endpoint{{}, 1}};
    gossip::known_node third_{crypto::ed25519_key{crypto::secret<32>{{3}}}.public_key(),
                              net::endpoint{{}, 3}};
    gossip::envelope liar_{self_.id, gossip::boot_salt{7}, ring()};
    std::uint8_t drawn_{0};
    gossip::agent honest_{{.key = crypto::secret<32>{{2}},
                           .nodes = {self_, third_},
                           .keys = ring(),
                           .status = {.sessions_max = 100},
                           .random =
                               [this](std::span<std::byte> bytes) {
                                   std::ranges::generate(bytes, [&] { return std::byte{++drawn_}; });
                               }},
                          now_};
    gossip::challenge challenge_{};
    std::size_t answers_{0};
    std::vector<std::byte> last_;
};

}  // namespace

// kind 1 | length 2 | bytes, again and again.
void run(std::span<const std::byte> input) {
    two_nodes fleet;
    while (input.size() >= 3) {
        const auto kind = std::to_integer<unsigned>(input[0]) % 5;
        const auto number =
            std::to_integer<std::size_t>(input[1]) * 256 + std::to_integer<std::size_t>(input[2]);
        input = input.subspan(3);
        if (kind == 0) {
            fleet.pass(std::chrono::milliseconds{number});
            continue;
        }
        if (kind == 1) {
            fleet.say_again();
            continue;
        }
        const auto bytes = input.first(std::min(number, input.size()));
        input = input.subspan(bytes.size());
        if (kind == 2) fleet.throw_at(bytes);
        if (kind == 3) fleet.claim(bytes);
        if (kind == 4) fleet.sign_and_say(bytes);
    }
}

}  // namespace turnix::fuzz
