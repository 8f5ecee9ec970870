#include "api/http/awaited_clients.hpp"

#include "common/net/source.hpp"

#include <utility>

namespace turnix::http {

connection* awaited_clients::least_welcome() const noexcept {
    if (ranking_.empty()) return nullptr;
    const auto& awaited = ranking_.begin()->second->awaited;
    return awaited.empty() ? nullptr : awaited.front().whose;
}

void awaited_clients::rank_anew(source& which) noexcept {
    const auto& awaited = which.awaited;
    const rank due{.awaited = awaited.size(),
                   .since = awaited.empty() ? time_point{} : awaited.front().since};
    const auto& had = which.ranked->first;
    if (had.awaited == due.awaited && had.since == due.since) return;
    auto node = ranking_.extract(which.ranked);
    node.key() = due;
    which.ranked = ranking_.insert(std::move(node));
}

awaited_clients::place::place(awaited_clients& in, connection& whose, const net::address& from) : in_{in} {
    // All that may fail comes before anything is changed.
    std::list<client> mine{{.whose = &whose, .since = {}}};
    ranking rank_of_new;
    rank_of_new.emplace(rank{}, nullptr);
    const auto [at, is_new] = in.sources_.try_emplace(net::source_of(from));
    source_ = at;
    client_ = mine.begin();
    at->second.others.splice(at->second.others.end(), mine);
    if (!is_new) return;
    auto node = rank_of_new.extract(rank_of_new.begin());
    node.mapped() = &at->second;
    at->second.ranked = in.ranking_.insert(std::move(node));
}

awaited_clients::place::~place() {
    auto& mine = source_->second;
    (is_awaited_ ? mine.awaited : mine.others).erase(client_);
    in_.rank_anew(mine);
    if (!mine.awaited.empty() || !mine.others.empty()) return;
    in_.ranking_.erase(mine.ranked);
    in_.sources_.erase(source_);
}

void awaited_clients::place::await(time_point since) noexcept {
    auto& mine = source_->second;
    mine.awaited.splice(mine.awaited.end(), is_awaited_ ? mine.awaited : mine.others, client_);
    is_awaited_ = true;
    client_->since = since;
    in_.rank_anew(mine);
}

void awaited_clients::place::let_be() noexcept {
    if (!is_awaited_) return;
    auto& mine = source_->second;
    mine.others.splice(mine.others.end(), mine.awaited, client_);
    is_awaited_ = false;
    in_.rank_anew(mine);
}

}  // namespace turnix::http
