#include "api/sessions/override_book.hpp"

#include "api/store/credential_table.hpp"
#include "api/store/override_table.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace turnix::sessions {

override_book::override_book(store::store& records, contract::session_control& relay, std::uint16_t node)
    : records_{records}, relay_{relay}, versions_{node} {
    std::vector<contract::credential_override> known;
    records_.run([&known](auto& database) { known = store::read_overrides(database); });
    current_ = contract::override_set::of(known);
    for (const auto& each : known) {
        versions_.heed(each.version);
        newest_rule_ = std::max(newest_rule_, each.issued_before);
    }
    relay_.use(current_);
}

std::optional<contract::credential_override> override_book::add(contract::credential_override made,
                                                                wall_time now) {
    const std::lock_guard lock{guard_};
    if (!has_room_for(made)) return std::nullopt;
    made.version = versions_.next(now);
    if (made.target.scope != contract::override_scope::credential) {
        // What an earlier rule dated a second ahead is meant by this one.
        made.issued_before = std::max(made.issued_before, newest_rule_ + std::chrono::seconds{1});
        newest_rule_ = made.issued_before;
    }
    put(made);
    return made;
}

void override_book::take(const contract::credential_override& told) {
    const std::lock_guard lock{guard_};
    versions_.heed(told.version);
    const auto* const known = current_->find(told.target, told.kind);
    if ((known != nullptr && known->version >= told.version) || !has_room_for(told)) return;
    if (told.target.scope != contract::override_scope::credential) {
        newest_rule_ = std::max(newest_rule_, told.issued_before);
    }
    put(told);
    if (told.kind == contract::override_kind::revoke) return;
    records_.record([told](auto& database) { store::amend_credential(database, told); });
}

bool override_book::has_room_for(const contract::credential_override& made) const {
    return current_->size() < contract::override_set::overrides_max ||
           current_->find(made.target, made.kind) != nullptr;
}

void override_book::put(const contract::credential_override& made) {
    current_ = current_->with(made);
    relay_.use(current_);
    records_.record([made](auto& database) { store::write_override(database, made); });
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
