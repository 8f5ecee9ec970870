#include "api/fleet/gossip/agent.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

namespace turnix::gossip {

namespace {

constexpr challenge none{};

/// A number that no probe has: for pings that only carry news.
constexpr probe_number no_probe = 0;

boot_salt random_salt(const random_source& random) {
    boot_salt salt{};
    random(std::as_writable_bytes(std::span{salt}));
    return salt;
}

}  // namespace

agent::agent(agent_options options, instant now)
    : key_{options.key},
      draw_{options.random},
      table_{options.nodes, node_id_of(key_.public_key())},
      envelope_{node_id_of(key_.public_key()), random_salt(options.random), std::move(options.keys)},
      acquaintances_{std::move(options.random)},
      round_trips_{node_id_of(key_.public_key())},
      ticked_at_{now.monotonic},
      due_{now.monotonic} {
    own_.values.node = node_id_of(key_.public_key());
    for (auto& each : options.facts) {
        if (ledger_.wants(each, now.wall)) ledger_.put({.values = std::move(each), .signer = {}});
    }
    set_own({.incarnation = options.incarnation}, options.status);
}

void agent::on_datagram(std::span<const std::byte> datagram, instant now) {
    const auto opened = envelope_.open(datagram);
    if (!opened) {
        ++counters_.refused;
        return;
    }
    const auto* const from = table_.find(opened->sender);
    const auto read = from != nullptr ? read_message(opened->plain) : std::nullopt;
    if (!read) {
        ++counters_.refused;
        return;
    }
    if (const auto* const said = std::get_if<hello>(&read->body)) {
        return on_hello(*from, *opened, *said, now);
    }
    switch (acquaintances_.judge(*opened)) {
        case freshness::fresh:
            break;
        case freshness::replayed:
            ++counters_.replayed;
            return;
        case freshness::unproven:
            ++counters_.unproven;
            if (is_due(challenged_at_[from->id], challenge_interval, now.monotonic)) {
                send_hello(*from, none, true, now);
            }
            return;
    }
    ++counters_.received;
    heard_at_ = now.monotonic;
    for (const auto& told : read->told) on_news(told, now);
    std::visit([&](const auto& said) { on_body(*from, said, now); }, read->body);
}

void agent::on_tick(instant now) {
    notice_pause(now.monotonic);
    facts_sent_ = 0;
    if (!std::exchange(has_greeted_, true)) {
        for (const auto& each : table_.members()) send_hello(each, none, true, now);
    }
    end_probes(now);
    end_favours(now);
    end_suspicions(now);
    if (is_due(due_.probe, patience(probe_interval), now.monotonic)) probe_next(now);
    if (is_due(due_.spread, spread_interval, now.monotonic)) spread(now);
    if (is_due(due_.compare, digest_interval, now.monotonic)) compare(now);
    if (is_due(due_.reach_out, reach_out_interval, now.monotonic)) reach_out(now);
    if (is_due(due_.facts, facts_interval, now.monotonic)) compare_facts(now);
    if (is_due(due_.round_trips, round_trips_interval, now.monotonic)) tell_round_trips(now);
    if (is_due(due_.expire, expiry_interval, now.monotonic)) ledger_.expire(now.wall);
    deliver(now);
}

void agent::declare(const node_status& status) {
    if (status == own_.values.status) return;
    auto version = own_.values.version;
    ++version.sequence;
    set_own(version, status);
}

delivery_number agent::publish(fact made, instant now) {
    if (fact_bytes(made.key.size(), made.body.size()) > fact_bytes_max) return 0;
    if (!ledger_.wants(made, now.wall)) return 0;
    auto told = sign(std::move(made), id(), key_);
    ledger_.put(told);
    queue_.add(told);
    std::vector<node_id> to;
    to.reserve(table_.members().size());
    for (const auto& each : table_.members()) {
        if (is_live(each.state())) to.push_back(each.id);
    }
    const auto number = deliveries_.begin(std::move(told), std::move(to), now.monotonic);
    deliver(now);
    return number;
}

void agent::leave(instant now) {
    auto status = own_.values.status;
    status.state = declared_state::left;
    declare(status);
    for (const auto& each : table_.members()) {
        if (is_live(each.state())) send(each, tidings{}, now, {own_});
    }
}

std::vector<outgoing> agent::take_outgoing() noexcept { return std::exchange(outgoing_, {}); }

// ---- what comes in

void agent::on_hello(const member& from, const opened_datagram& datagram, const hello& said, instant now) {
    const bool is_new = acquaintances_.prove(datagram, said.echo);
    if (said.asked != none) {
        // To be challenged in turn, unless this very start has proven itself.
        send_hello(from, said.asked, !acquaintances_.knows(datagram), now);
    }
    if (!is_new) return;
    send_digest(from, now);
    send_summary(from, now);
}

void agent::on_news(const news& told, instant now) {
    if (const auto* const record = std::get_if<signed_record>(&told)) return on_record(*record);
    if (const auto* const fact = std::get_if<signed_fact>(&told)) return on_fact(*fact, now);
    on_verdict(std::get<verdict>(told), now);
}

void agent::on_record(const signed_record& told) {
    if (told.values.node != id()) {
        const auto* const about = table_.find(told.values.node);
        const bool was_dead = about != nullptr && about->state() == node_state::dead;
        if (!table_.learn(told)) return;
        queue_.add(told);
        is_one_back_ |= was_dead;
        return;
    }
    // This node's own of an earlier start, when its count of starts was lost: go on above it.
    if (told.values.version > own_.values.version && is_signed_by(told, key_.public_key())) {
        refute(told.values.version.incarnation);
    }
}

void agent::on_verdict(const verdict& told, instant now) {
    if (told.about != id()) {
        if (table_.judge(told, now.monotonic)) queue_.add(told);
        return;
    }
    if (told.incarnation != own_.values.version.incarnation) return;
    worsen_health();
    refute(told.incarnation);
}

void agent::on_fact(const signed_fact& told, instant now) {
    if (!ledger_.wants(told.values, now.wall)) return;
    const auto* const key = key_of(told.signer);
    if (key == nullptr || !is_signed_by(told, *key)) return;
    ledger_.put(told);
    queue_.add(told);
    learned_.push_back(told.values);
}

void agent::on_body(const member& from, const ping& said, instant now) {
    auto first = verdicts_about(from);
    first.emplace_back(own_);
    send(from, ack{said.number}, now, std::move(first));
}

void agent::on_body(const member& from, const ping_request& said, instant now) {
    const auto* const target = table_.find(said.target);
    if (target == nullptr) return;
    send_ping(*target, book_.begin_favour(from.id, said.number, now.monotonic), now);
}

void agent::on_body(const member& from, const ack& said, instant now) {
    if (const auto answered = book_.end(said.number)) {
        // Not the answer of another one in its place.
        if (answered->target == from.id) {
            round_trips_.measure(from.id, now.monotonic - answered->sent, now.monotonic);
        }
        health_factor_ = std::max(1, health_factor_ - 1);
        return;
    }
    const auto done = book_.end_favour(said.number);
    if (!done) return;
    const auto* const asker = table_.find(done->asker);
    if (asker != nullptr) send(*asker, ack{done->asked_as}, now);
}

void agent::on_body(const member& /*from*/, const nack& said, instant /*now*/) {
    book_.count_nack(said.number);
}

void agent::on_body(const member& from, const digest& said, instant now) {
    std::vector<news> newer;
    for (const auto& entry : said.entries) {
        if (entry.node == id()) {
            if (own_.values.version > entry.version) newer.emplace_back(own_);
            continue;
        }
        const auto* const about = table_.find(entry.node);
        if (about == nullptr) continue;
        auto judged = verdicts_about(*about);
        // Who hears of the dead has to hear that they are.
        if (!std::ranges::all_of(judged, [this](const news& each) { return may_tell(each); })) continue;
        if (about->record && about->version() > entry.version) newer.emplace_back(*about->record);
        std::ranges::move(judged, std::back_inserter(newer));
    }
    send_all(from, std::move(newer), now);
}

void agent::on_body(const member& from, const summary& said, instant now) {
    for (auto& part : ledger_.compare(said)) {
        std::visit([&](auto& body) { send(from, std::move(body), now); }, part);
    }
}

void agent::on_body(const member& from, const inventory& said, instant now) {
    const auto difference = ledger_.compare(said);
    std::vector<news> newer;
    newer.reserve(difference.newer.size());
    for (const auto key : difference.newer) {
        if (facts_sent_ == facts_sent_max) break;
        ++facts_sent_;
        newer.emplace_back(ledger_.told(key, id(), key_));
    }
    send_all(from, std::move(newer), now);
    if (difference.lacks && said.wants_answer) send(from, ledger_.list(said.of), now);
    // Where something differs, there may be more.
    due_.facts = std::min(due_.facts, now.monotonic + facts_interval_least);
}

void agent::on_body(const member& from, const fact_delivery& said, instant now) {
    on_fact(said.told, now);
    if (ledger_.holds(said.told.values)) send(from, receipt{said.number}, now);
}

void agent::on_body(const member& from, const receipt& said, instant /*now*/) {
    deliveries_.confirm(said.number, from.id);
}

void agent::on_body(const member& from, const round_trips& said, instant now) {
    auto told = said.measured;
    std::erase_if(told, [this](const round_trip& each) { return key_of(each.to) == nullptr; });
    round_trips_.hear(from.id, told, now.monotonic);
}

// ---- what time brings

void agent::notice_pause(monotonic_time now) {
    const auto gap = now - std::exchange(ticked_at_, now);
    if (gap < pause_least) return;
    book_.postpone(gap);
    table_.postpone(gap);
    worsen_health();
}

void agent::end_probes(instant now) {
    std::vector<probe> failed;
    for (auto& each : book_.probes()) {
        const auto age = now.monotonic - each.started;
        if (age >= patience(probe_timeout)) {
            failed.push_back(each);
        } else if (age >= patience(direct_timeout) && !std::exchange(each.relayed, true)) {
            ask_relays(each, now);
        }
    }
    for (const auto& each : failed) {
        book_.end(each.number);
        // Not even those answer who were asked for help, nor anybody else: it may be this node that is deaf.
        if (each.relays > 0 && each.nacks == 0 && heard_at_ < each.started) worsen_health();
        suspect(each.target, now);
    }
}

void agent::ask_relays(probe& of, instant now) {
    const auto* const target = table_.find(of.target);
    if (target == nullptr) return;
    const auto relays = draw_(table_.members(), relays_per_probe, [&](const member& each) {
        return each.id != of.target && is_live(each.state());
    });
    of.relays = relays.size();
    auto told = verdicts_about(*target);
    std::erase_if(told, [this](const news& each) { return !may_tell(each); });
    for (const auto* const relay : relays) {
        send(*relay, ping_request{.number = of.number, .target = of.target}, now, told);
    }
    send_ping(*target, of.number, now);
}

void agent::end_favours(instant now) {
    for (auto& each : book_.favours()) {
        if (now.monotonic - each.started < nack_after || std::exchange(each.nacked, true)) continue;
        const auto* const asker = table_.find(each.asker);
        if (asker != nullptr) send(*asker, nack{each.asked_as}, now);
    }
    std::erase_if(book_.favours(),
                  [&](const favour& each) { return now.monotonic - each.started >= probe_timeout; });
}

void agent::end_suspicions(instant now) {
    for (const auto& node : table_.overdue(now.monotonic)) {
        const verdict dead{.about = node,
                           .incarnation = table_.find(node)->version().incarnation,
                           .kind = verdict_kind::dead,
                           .accuser = id()};
        if (table_.judge(dead, now.monotonic)) queue_.add(dead);
    }
}

void agent::probe_next(instant now) {
    if (round_.empty()) {
        for (const auto* const each : draw_live(nodes_max)) round_.push_back(each->id);
    }
    while (!round_.empty()) {
        const auto* const target = table_.find(round_.back());
        round_.pop_back();
        if (target == nullptr || !is_live(target->state())) continue;
        return send_ping(*target, book_.begin(target->id, now.monotonic), now);
    }
}

void agent::spread(instant now) {
    for (const auto& each : table_.members()) {
        // So that it hears of it, and can refute.
        if (each.state() == node_state::suspect) send_ping(each, no_probe, now);
    }
    if (queue_.empty()) return;
    for (const auto* const each : draw_live(spread_fan_out)) send(*each, tidings{}, now);
}

void agent::compare(instant now) {
    for (const auto* const each : draw_live(1)) send_digest(*each, now);
}

void agent::reach_out(instant now) {
    // One of the dead is back: it may be this node that was away, and the others are there as well.
    const auto count = std::exchange(is_one_back_, false) ? nodes_max : 1;
    for (const auto* const each :
         draw_(table_.members(), count, [](const member& of) { return !is_live(of.state()); })) {
        if (acquaintances_.is_proven(each->id)) {
            send_ping(*each, no_probe, now);
        } else {
            send_hello(*each, none, true, now);
        }
    }
}

void agent::compare_facts(instant now) {
    for (const auto* const each : draw_live(1)) send_summary(*each, now);
}

void agent::tell_round_trips(instant now) {
    round_trips_.forget_old(now.monotonic);
    const auto members = table_.members();
    if (members.empty()) return;
    const auto& to = members[told_of_round_trips_++ % members.size()];
    if (!is_live(to.state())) return;
    for (auto& part : round_trips_.own()) send(to, round_trips{std::move(part)}, now);
}

void agent::deliver(instant now) {
    deliveries_.give_up([this](const node_id& node) {
        const auto* const to = table_.find(node);
        return to == nullptr || !is_live(to->state());
    });
    for (const auto* const each : deliveries_.due(now.monotonic)) {
        for (const auto& node : each->waiting) {
            const auto* const to = table_.find(node);
            if (to != nullptr) send(*to, fact_delivery{.number = each->number, .told = each->told}, now);
        }
    }
}

// ---- what goes out

void agent::send(const member& to, message_body body, instant now, std::vector<news> first) {
    auto left = envelope::plain_bytes_max - size_of(body);
    for (const auto& each : first) left -= size_of(each);
    // Epidemics reach everyone in a number of rounds that grows with the logarithm.
    constexpr std::size_t rounds = 3;
    const auto times_max = rounds * static_cast<std::size_t>(std::bit_width(table_.live() + 1));
    // A hello is for a node that believes nothing yet, and who is only asked for may not be there.
    const bool is_heard =
        !std::holds_alternative<hello>(body) && (is_live(to.state()) || !std::holds_alternative<ping>(body));
    if (is_minority()) queue_.forget_deaths();
    message made{.body = std::move(body), .told = std::move(first)};
    if (is_heard) std::ranges::move(queue_.take(left, times_max), std::back_inserter(made.told));
    for (auto& datagram : envelope_.seal(to.id, write_message(made), now.wall)) {
        ++counters_.sent;
        outgoing_.push_back({.to = to.address, .datagram = std::move(datagram)});
    }
}

void agent::send_ping(const member& to, probe_number number, instant now) {
    send(to, ping{number}, now, verdicts_about(to));
}

void agent::send_hello(const member& to, const challenge& echo, bool asks, instant now) {
    const auto asked = asks ? acquaintances_.challenge_for(to.id) : none;
    send(to, hello{.asked = asked, .echo = echo}, now);
}

void agent::send_digest(const member& to, instant now) {
    const auto members = table_.members();
    digest made;
    made.entries.reserve(digest_entries_max);
    // What others remember of this node's earlier starts counts, too: see on_record.
    made.entries.push_back({.node = id(), .version = own_.values.version});
    const auto count = std::min(digest_entries_max - 1, members.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto& each = members[digest_from_++ % members.size()];
        made.entries.push_back({.node = each.id, .version = each.version()});
    }
    send(to, std::move(made), now, {own_});
}

void agent::send_summary(const member& to, instant now) { send(to, ledger_.summarise(), now); }

void agent::send_all(const member& to, std::vector<news> told, instant now) {
    std::vector<news> batch;
    auto left = envelope::plain_bytes_max - size_of(tidings{});
    for (auto& each : told) {
        if (size_of(each) > left) {
            send(to, tidings{}, now, std::exchange(batch, {}));
            left = envelope::plain_bytes_max - size_of(tidings{});
        }
        left -= size_of(each);
        batch.push_back(std::move(each));
    }
    if (!batch.empty()) send(to, tidings{}, now, std::move(batch));
}

// ---- what this node says

void agent::suspect(const node_id& node, instant now) {
    const auto* const about = table_.find(node);
    if (about == nullptr || !is_live(about->state())) return;
    const verdict doubt{.about = node,
                        .incarnation = about->version().incarnation,
                        .kind = verdict_kind::suspect,
                        .accuser = id()};
    if (table_.judge(doubt, now.monotonic)) queue_.add(doubt);
}

void agent::set_own(const record_version& version, const node_status& status) {
    own_ = sign({.node = id(), .version = version, .status = status}, key_);
    queue_.add(own_);
}

void agent::refute(std::uint64_t incarnation) {
    set_own({.incarnation = incarnation + 1}, own_.values.status);
}

const crypto::ed25519_public_key* agent::key_of(const node_id& node) const noexcept {
    if (node == id()) return &key_.public_key();
    const auto* const found = table_.find(node);
    return found == nullptr ? nullptr : &found->key;
}

bool agent::may_tell(const news& told) const noexcept {
    const auto* const judged = std::get_if<verdict>(&told);
    return judged == nullptr || judged->kind != verdict_kind::dead || !is_minority();
}

std::vector<news> agent::verdicts_about(const member& of) const {
    if (!of.judged) return {};
    return {verdict{.about = of.id,
                    .incarnation = of.version().incarnation,
                    .kind = *of.judged,
                    .accuser = of.accusers.empty() ? id() : of.accusers.front()}};
}

void agent::worsen_health() noexcept { health_factor_ = std::min(health_factor_max, health_factor_ + 1); }

}  // namespace turnix::gossip
