// The overrides of this node: loaded from the store before anything listens, in effect the moment they are
// made, written down as soon as the database lets itself be written.
//
// Any thread. Bounded in number; what is past its time goes.
#pragma once

#include "api/model/version_clock.hpp"
#include "api/store/store.hpp"
#include "common/contract/session_control.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace turnix::sessions {

class override_book {
  public:
    /// Hands what the store knows to the relay. Throws store_error. Both references outlive the book; `node`
    /// tells the versions of this one from those of others.
    override_book(store::store& records, contract::session_control& relay, std::uint16_t node = 0);

    /// Gives it a version, newer than all before, and puts it into effect on this node: as it is then.
    /// Nothing when there is no room for another.
    [[nodiscard]] std::optional<contract::credential_override> add(contract::credential_override made,
                                                                   wall_time now);
    /// What another node has made takes effect here, unless something newer does, or there is no room.
    void take(const contract::credential_override& told);
    /// What holds now; never null.
    [[nodiscard]] std::shared_ptr<const contract::override_set> current() const;
    /// Forgets what has expired, here and in the store.
    void expire(wall_time now);

  private:
    [[nodiscard]] bool has_room_for(const contract::credential_override& made) const;
    /// Into effect, and into the store.
    void put(const contract::credential_override& made);

    store::store& records_;
    contract::session_control& relay_;
    mutable std::mutex guard_;
    std::shared_ptr<const contract::override_set> current_;
    model::version_clock versions_;
    std::chrono::sys_seconds newest_rule_{};  ///< the latest issued_before of all
};

}  // namespace turnix::sessions
