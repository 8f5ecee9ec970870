#include "relay/turn/quota_desk.hpp"

#include <utility>

namespace turnix::turn {

namespace {

constexpr std::chrono::seconds sweep_interval{10};
constexpr std::size_t told_max = 4'096;

contract::quota credential_quota(shortage of) noexcept {
    if (of == shortage::bit_rate) return contract::quota::credential_bitrate;
    return of == shortage::packet_rate ? contract::quota::credential_packet_rate
                                       : contract::quota::credential_bytes;
}

contract::quota project_quota(shortage of) noexcept {
    if (of == shortage::bit_rate) return contract::quota::project_bitrate;
    return of == shortage::packet_rate ? contract::quota::project_packet_rate
                                       : contract::quota::project_bytes;
}

}  // namespace

template <class Id>
std::shared_ptr<budget_share> quota_desk::share_of(shares<Id>& among, const Id& holder,
                                                   std::shared_ptr<traffic_budget> from) {
    auto& known = among[holder];
    auto share = known.lock();
    if (!share) {
        share = std::make_shared<budget_share>(std::move(from));
        known = share;
    }
    return share;
}

void quota_desk::attach(allocation& session) {
    const auto& holder = session.credential->claims;
    auto& allowance = session.allowance;
    if (!allowance.of_project) {
        auto account = book_.account_of(holder.project);
        auto* const traffic = &account->traffic;
        allowance.of_project = share_of(projects_, holder.project, {std::move(account), traffic});
    }
    const bool has_limit = traffic_limits_of(holder.limits) != traffic_limits{};
    if (!allowance.of_credential && !has_limit) return;
    auto budget = book_.budget_of(holder);
    if (!allowance.of_credential) allowance.of_credential = share_of(credentials_, holder.id, budget);
    if (allowance.counted_in == budget) return;
    budget->add_used(session.traffic.uplink_bytes + session.traffic.downlink_bytes);
    allowance.counted_in = std::move(budget);
}

void quota_desk::detach(allocation& session) noexcept {
    session.allowance.of_credential.reset();
    session.allowance.of_project.reset();
}

shortage quota_desk::charge(const allocation& session, const datagram& what, monotonic_time now) noexcept {
    auto* const of_credential = session.allowance.of_credential.get();
    auto& of_project = *session.allowance.of_project;
    if (of_credential != nullptr) {
        const auto lack = of_credential->cover(what.along, what.bytes, now);
        if (lack != shortage::none) {
            if (of_credential->is_news(lack, now)) note(credential_quota(lack), session);
            return lack;
        }
    }
    const auto lack = of_project.cover(what.along, what.bytes, now);
    if (lack != shortage::none) {
        if (of_project.is_news(lack, now)) note(project_quota(lack), session);
        return lack;
    }
    if (of_credential != nullptr) of_credential->spend(what.along, what.bytes);
    of_project.spend(what.along, what.bytes);
    return shortage::none;
}

bool quota_desk::count(const allocation& session, std::uint64_t bytes) noexcept {
    bool has_volume = true;
    for (const auto& share : {session.allowance.of_credential, session.allowance.of_project}) {
        if (!share) continue;
        share->budget().add_used(bytes);
        has_volume = has_volume && !share->budget().is_volume_used_up();
    }
    return has_volume;
}

void quota_desk::note(contract::quota which, const allocation& session) noexcept {
    if (to_tell_.size() == to_tell_.capacity()) return;
    const auto& holder = session.credential->claims;
    to_tell_.push_back({.which = which,
                        .project = holder.project,
                        .credential = holder.id,
                        .session = session.session,
                        .at = {}});
}

void quota_desk::report(contract::quota which, const credential::claims& holder, const instant& now) {
    if (told_.size() >= told_max) told_.clear();
    auto& silent_until = told_[{.credential = holder.id, .which = which}];
    if (now.monotonic < silent_until) return;
    silent_until = now.monotonic + silence_after_news;
    observer_.on_session_event(contract::quota_exceeded{.which = which,
                                                        .project = holder.project,
                                                        .credential = holder.id,
                                                        .session = std::nullopt,
                                                        .at = now.wall});
}

void quota_desk::on_tick(const instant& now) {
    for (auto& each : to_tell_) {
        each.at = now.wall;
        observer_.on_session_event(each);
    }
    to_tell_.clear();
    if (now.monotonic >= swept_at_ + sweep_interval) sweep(now);
}

void quota_desk::sweep(const instant& now) {
    const auto is_gone = [](const auto& each) { return each.second.expired(); };
    boost::unordered::erase_if(credentials_, is_gone);
    boost::unordered::erase_if(projects_, is_gone);
    boost::unordered::erase_if(told_, [&](const auto& each) { return each.second <= now.monotonic; });
    book_.expire(now.wall);
    swept_at_ = now.monotonic;
}

}  // namespace turnix::turn
