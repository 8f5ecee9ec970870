// The overrides of this node: loaded from the store before anything listens, in effect the moment they are
// made, written down as soon as the database lets itself be written.
//
// Any thread. Bounded in number; what is past its time goes.
#pragma once

#include "api/store/store.hpp"
#include "common/contract/session_control.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

namespace turnix::sessions {

class override_book {
  public:
    /// Hands what the store knows to the relay. Throws store_error. Both references outlive the book.
    override_book(store::store& records, contract::session_control& relay);

    /// Gives it a version, newer than all before, and puts it into effect on this node. False when there is
    /// no room for another.
    [[nodiscard]] bool add(contract::credential_override made, wall_time now);
    /// What holds now; never null.
    [[nodiscard]] std::shared_ptr<const contract::override_set> current() const;
    /// Forgets what has expired, here and in the store.
    void expire(wall_time now);

  private:
    store::store& records_;
    contract::session_control& relay_;
    mutable std::mutex guard_;
    std::shared_ptr<const contract::override_set> current_;
    std::uint64_t newest_version_{0};
    std::chrono::sys_seconds newest_rule_{};  ///< the latest issued_before of all
};

}  // namespace turnix::sessions
