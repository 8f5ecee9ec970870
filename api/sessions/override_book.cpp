#include "api/sessions/override_book.hpp"

#include "api/store/override_table.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace turnix::sessions {

namespace {

/// Milliseconds since 1970: versions grow from one start of the daemon to the next.
std::uint64_t version_at(wall_time now) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0));
}

}  // namespace

override_book::override_book(store::store& records, contract::session_control& relay)
    : records_{records}, relay_{relay} {
    std::vector<contract::credential_override> known;
    records_.run([&known](auto& database) { known = store::read_overrides(database); });
    current_ = contract::override_set::of(known);
    for (const auto& each : known) {
        newest_version_ = std::max(newest_version_, each.version);
        newest_rule_ = std::max(newest_rule_, each.issued_before);
    }
    relay_.use(current_);
}

bool override_book::add(contract::credential_override made, wall_time now) {
    const std::lock_guard lock{guard_};
    const bool is_new = current_->find(made.target, made.kind) == nullptr;
    if (is_new && current_->size() >= contract::override_set::overrides_max) return false;
    made.version = std::max(version_at(now), newest_version_ + 1);
    newest_version_ = made.version;
    if (made.target.scope != contract::override_scope::credential) {
        // What an earlier rule dated a second ahead is meant by this one.
        made.issued_before = std::max(made.issued_before, newest_rule_ + std::chrono::seconds{1});
        newest_rule_ = made.issued_before;
    }
    current_ = current_->with(made);
    relay_.use(current_);
    records_.record([made = std::move(made)](auto& database) { store::write_override(database, made); });
    return true;
}

std::shared_ptr<const contract::override_set> override_book::current() const {
    const std::lock_guard lock{guard_};
    return current_;
}

void override_book::expire(wall_time now) {
    const std::lock_guard lock{guard_};
    auto left = current_->without_expired(std::chrono::floor<std::chrono::seconds>(now));
    if (left->size() == current_->size()) return;
    current_ = std::move(left);
    relay_.use(current_);
    records_.record([now](auto& database) { store::delete_expired_overrides(database, now); });
}

}  // namespace turnix::sessions
