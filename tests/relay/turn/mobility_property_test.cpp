// Clients that move between two workers, in conversations in which every step is drawn: whatever they say and
// in whichever order the workers hear of it, sessions, ports and quota are neither lost nor doubled, and what
// is decided of a credential meanwhile holds.
#include "relay/turn/crossing.hpp"
#include "tests/relay/turn/test_client.hpp"
#include "tests/scale.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

constexpr auto ticket_type = attribute_type::mobility_ticket;

void promise(bool kept, const char* what) {
    if (!kept) throw std::logic_error{what};
}

/// Two users who move between a few addresses, over datagrams and streams.
class wanderings {
  public:
    wanderings(world& in, std::mt19937& generator) : world_{in}, generator_{generator} {
        for (const auto over : {net::transport::udp, net::transport::tcp}) {
            auto claims = in.claims();
            claims.limits.bytes_max = 1'000'000;
            users_.push_back({.client = test_client{in, addresses.front(), claims, over}, .claims = claims});
            move(users_.back());
        }
    }

    void step() {
        auto& by = users_[choose(2)];
        if (!one_in(3)) deliver(static_cast<turn::worker_number>(choose(2)));
        if (one_in(4)) hear_of_overrides(static_cast<turn::worker_number>(choose(2)));
        switch (choose(11)) {
            case 0:
                ask(by, method::allocate, {udp(), raw(ticket_type, "")});
                break;
            case 1:
                ask(by, method::channel_bind, {channel(0x4000), peer("9.9.9.9:7")});
                break;
            case 2:
            case 3:
                move(by);
                resume(by);
                break;
            case 4:
                resume(by);
                break;
            case 5:
                ask(by, method::refresh, {lifetime(std::chrono::seconds{one_in(4) ? 0 : 600})});
                break;
            case 6:
                world_.worker(by.client.worker).on_client_closed(world_.now, by.client.path);
                break;
            case 7:
                hear_from_peer();
                break;
            case 8:
                decide(by);
                break;
            case 9:
                world_.jump(std::chrono::seconds{one_in(8) ? 400 : 1});
                break;
            default:
                by.client.send_channel_data(0x4000, "up");
        }
        take_answers();
        check_balance();
    }

    void end() {
        while (deliver(0) || deliver(1)) {
        }
        for (const auto worker : {0, 1}) hear_of_overrides(static_cast<turn::worker_number>(worker));
        world_.deliver_all();
        check_revoked();
        for (auto* const each : {&world_.server, &world_.second}) {
            each->end_all(world_.now, contract::end_reason::shutdown);
        }
        world_.deliver_all();
        take_answers();
        check_balance();
        promise(world_.mobility.sessions().size() == 0, "the node knows a session that has ended");
        for (const auto& path : paths_) {
            const bool is_known = world_.server.has_allocation(path) || world_.second.has_allocation(path);
            promise(!is_known, "a worker waits for a session that has ended");
        }
        check_charges();
        world_.observer.events.clear();
    }

    std::size_t moves{0};

  private:
    struct user {
        test_client client;
        credential::claims claims;
        bool is_revoked{false};
        stun::transaction_id last_id{};
        std::string last_ticket{"none"};
    };
    static constexpr std::array addresses{"198.51.100.9:40000", "198.51.100.9:40001", "198.51.100.10:40000",
                                          "198.51.100.10:40001"};

    // As a worker does it: whoever sends a session on knew no newer ones.
    bool deliver(turn::worker_number to) {
        if (!world_.mailboxes.at(to).empty()) hear_of_overrides(to);
        return world_.deliver(to);
    }

    void hear_of_overrides(turn::worker_number worker) { world_.worker(worker).use(world_.now, overrides_); }

    // Caps and terms of all sizes, and now and then the end.
    void decide(user& about) {
        using contract::override_kind;
        const auto& claims = about.claims;
        const auto kind = one_in(4)   ? override_kind::revoke
                          : one_in(2) ? override_kind::cap
                                      : override_kind::extend;
        about.is_revoked = about.is_revoked || kind == override_kind::revoke;
        overrides_ = overrides_->with({.target = {.project = claims.project,
                                                  .scope = contract::override_scope::credential,
                                                  .id = claims.id.bytes},
                                       .kind = kind,
                                       .issued_before = {},
                                       .version = ++version_,
                                       .until = claims.sessions_end_at,
                                       .expires_at = claims.expires_at,
                                       .sessions_end_at = claims.issued_at + 1h + choose(3) * 1h,
                                       .limits = {.bytes_max = (1 + choose(3)) * 500'000}});
    }

    std::uint32_t choose(std::size_t bound) { return static_cast<std::uint32_t>(generator_() % bound); }
    bool one_in(std::size_t bound) { return choose(bound) == 0; }

    // What comes from an address always comes in at the same worker.
    void move(user& who) {
        const auto to = choose(addresses.size());
        who.client.move_to(addresses.at(to), static_cast<turn::worker_number>(to % 2));
        const auto nonce = world_.admission.nonces().issue(who.client.path.client, world_.now.monotonic);
        who.client.nonce = {nonce.data(), nonce.size()};
        paths_.push_back(who.client.path);
    }

    // With a good ticket, an old one, the other's, or none at all.
    void resume(user& who) {
        const auto& ticket = tickets_.empty() ? who.last_ticket : tickets_[choose(tickets_.size())];
        const bool repeats = one_in(4);
        if (!repeats) who.last_ticket = one_in(3) ? ticket : who.last_ticket;
        ask(who, method::refresh, {raw(ticket_type, who.last_ticket)}, repeats);
    }

    void ask(user& who, method of, const attributes& with, bool repeats = false) {
        if (!repeats) who.last_id = who.client.next_id();
        const auto effect = who.client.send(who.client.build(of, with, {.id = who.last_id}));
        learn(who, answered::from(effect));
    }

    void learn(user& who, const answered& answer) {
        if (!answer.has(ticket_type)) return;
        promise(answer.is_signed_with(who.client.key()), "another user's session answered");
        who.last_ticket = answer.text(ticket_type);
        tickets_.push_back(who.last_ticket);
    }

    void take_answers() {
        for (auto* const each : {&world_.crossings, &world_.second_crossings}) {
            for (const auto& done : each->carried) {
                auto& who = users_[done.path.transport == net::transport::tcp ? 1 : 0];
                if (done.to_peer) {
                    promise(done.to_peer->peer == at("9.9.9.9:7"), "something went astray");
                } else {
                    learn(who, answered{done.message});
                }
            }
            each->carried.clear();
        }
    }

    void hear_from_peer() {
        const auto worker = static_cast<turn::worker_number>(choose(2));
        const auto out =
            world_.worker(worker).on_peer(world_.now, {choose(2)}, at("9.9.9.9:7"), bytes_of("down"));
        if (!out) return;
        promise(world_.worker(worker).has_allocation(out->path), "data went to a path without session");
    }

    void check_balance() {
        std::size_t moving = 0;
        for (const auto& mailbox : world_.mailboxes) {
            moving += static_cast<std::size_t>(std::ranges::count_if(
                mailbox, [](const auto& each) { return std::holds_alternative<turn::handed_over>(each); }));
        }
        const auto live = world_.server.allocations() + world_.second.allocations();
        promise(world_.ports.open_ports() + world_.second_ports.open_ports() == live, "ports differ");
        promise(world_.ports.reserved_ports() + world_.second_ports.reserved_ports() == moving,
                "ports on their way differ");
        promise(world_.admission.sessions() == live + moving, "the quota differs");
        promise(world_.mobility.sessions().size() == live + moving, "what the node knows differs");
        std::size_t charged = 0;
        for (const auto& each : users_) {
            charged += world_.admission.quotas().account_of(each.claims.project)->allocations();
        }
        promise(charged == live + moving, "the projects' allocations differ");
        const auto started = world_.observer.all<contract::session_started>().size();
        const auto ended = world_.observer.all<contract::session_ended>().size();
        promise(started - ended == live + moving, "events differ");
        moves = world_.observer.all<contract::session_moved>().size();
    }

    void check_revoked() {
        std::vector<contract::live_session> live;
        world_.server.describe(world_.now, live);
        world_.second.describe(world_.now, live);
        for (const auto& session : live) {
            const auto of = std::ranges::find(users_, session.claims->id,
                                              [](const user& each) { return each.claims.id; });
            promise(of != users_.end() && !of->is_revoked, "a revoked credential has a session");
        }
    }

    // Everything that was relayed is charged to its credential and its project, and nothing twice.
    void check_charges() {
        std::map<session_id, credential_id> holders;
        for (const auto& each : world_.observer.all<contract::session_started>()) {
            holders[each.id] = each.claims->id;
        }
        std::map<credential_id, std::uint64_t> relayed;
        for (const auto& each : world_.observer.all<contract::session_ended>()) {
            relayed[holders.at(each.id)] += each.traffic.uplink_bytes + each.traffic.downlink_bytes;
        }
        auto& quotas = world_.admission.quotas();
        for (const auto& each : users_) {
            const auto bytes = relayed[each.claims.id];
            promise(quotas.budget_of(each.claims)->bytes_used() == bytes, "the credential's volume differs");
            const auto& project = *quotas.account_of(each.claims.project);
            promise(project.traffic.bytes_used() == bytes, "the project's volume differs");
            promise(project.allocations() == 0, "the project's allocations differ");
        }
    }

    world& world_;
    std::mt19937& generator_;
    std::shared_ptr<const contract::override_set> overrides_{std::make_shared<contract::override_set>()};
    std::uint64_t version_{0};
    std::vector<user> users_;
    std::vector<std::string> tickets_;
    std::vector<turn::client_path> paths_;
};

}  // namespace

// Each seed is a test of its own, so that they run side by side, and one that fails is replayed by its name.
TEMPLATE_TEST_CASE_SIG("100,000 random wanderings: sessions, ports and quota balance, with seed",
                       "[property]", ((std::uint32_t seed), seed), 1, 2, 3, 4, 5) {
    constexpr std::uint32_t count = tests::rounds(20'000U);
    std::mt19937 generator{seed};
    world node{[](contract::relay_settings& settings) { settings.mobility.enabled = true; }};
    std::size_t moves = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        INFO("wandering " << i);
        wanderings of_two{node, generator};
        const auto steps = 1 + generator() % 40;
        for (std::uint32_t step = 0; step < steps; ++step) of_two.step();
        moves += of_two.moves;
        of_two.end();
    }
    CHECK(node.admission.sessions() == 0);
    // It would all hold of a server that moves nothing.
    CHECK(moves > count / 20);
    CHECK(node.second.counters().totals().relayed.uplink_packets > count / 100);
    for (const auto code : {400, 437, 441}) {
        INFO("error " << code);
        CHECK(node.totals().errors_of(static_cast<std::uint16_t>(code)) > 0);
    }
}
