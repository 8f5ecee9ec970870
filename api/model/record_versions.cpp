#include "api/model/record_versions.hpp"

#include <algorithm>

namespace turnix::model {

namespace {

/// Without the mark of a final one.
std::uint64_t moment_of(std::uint64_t version) noexcept { return version & ~shared_record::final_bit; }

}  // namespace

void record_versions::stamp(shared_record& made, wall_time now, bool is_final) {
    const auto found = held_.find(made.id);
    if (found != held_.end()) {
        const auto& [version, base, until] = found->second;
        made.set_base(version_clock::node_of(version) == node_ ? base : moment_of(version));
        // An earlier version that a node still tells must never be all that is left.
        made.until = std::max(made.until, until);
    }
    if (is_final) made.until = shared_record::for_good;
    made.version = clock_.next(now) | (is_final ? shared_record::final_bit : 0);
}

std::vector<shared_record> record_versions::stamped(std::vector<shared_record> made, wall_time now,
                                                    bool is_final) {
    if (!are_kept_) return {};
    for (auto& each : made) stamp(each, now, is_final);
    return made;
}

void record_versions::note(const shared_record& held) {
    clock_.heed(moment_of(held.version));
    held_.insert_or_assign(held.id,
                           standing{.version = held.version, .base = held.base(), .until = held.until});
}

void record_versions::tell(const std::vector<shared_record>& made) {
    for (const auto& each : made) note(each);
    if (tell_ && !made.empty()) tell_(made);
}

bool record_versions::is_news(const shared_record& told) const {
    const auto found = held_.find(told.id);
    return found == held_.end() || found->second.version < told.version;
}

bool record_versions::holds(const shared_record& told) const { return version_of(told.id) == told.version; }

std::uint64_t record_versions::version_of(const record_id& id) const {
    const auto found = held_.find(id);
    return found == held_.end() ? 0 : found->second.version;
}

bool record_versions::is_gone(const record_id& id) const {
    const auto version = version_of(id);
    return moment_of(version) != version;
}

bool record_versions::overwrites_unseen(const shared_record& told) const {
    const auto found = held_.find(told.id);
    if (found == held_.end()) return false;
    const auto version = moment_of(found->second.version);
    return version_clock::node_of(version) != version_clock::node_of(told.version) && told.base() < version;
}

}  // namespace turnix::model
