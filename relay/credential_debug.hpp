// What one worker says in the log of one credential: each request under it with its answer, and its sessions'
// beginning, figures, moves and end. For an operator who has asked for it, for as long as that, and at most
// `records` of it. No password, no username, and nothing of what is relayed.
//
// Stands between the worker and its protocol core, and between that and the event queue. The worker's thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/live_session.hpp"
#include "common/contract/override_set.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/key_ring.hpp"
#include "relay/debug_wish.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/message_view.hpp"
#include "relay/turn/credential_cache.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/token_bucket.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace turnix::relay {

/// A message of a client, and what the core made of it.
struct exchange {
    const instant& now;
    const turn::client_path& path;
    std::span<const std::byte> message;
    const turn::client_effect& effect;
};

class credential_debug final : public contract::session_observer {
  public:
    /// What is beyond is counted and left out.
    static constexpr auto records = turn::token_rate::per_second(20, 200);

    /// Events are passed on to `onward`, which outlives this.
    credential_debug(contract::session_observer& onward, std::shared_ptr<const credential::key_ring> keys,
                     std::string realm);

    /// From here on usernames are opened with these keys.
    void use(std::shared_ptr<const credential::key_ring> keys);
    /// In the place of what was looked for; nothing ends it. `live` are the worker's sessions.
    void look_for(std::optional<debug_wish> wish, std::span<const contract::live_session> live,
                  monotonic_time now);
    /// False almost always: then nobody needs to show it anything.
    [[nodiscard]] bool is_awake() const noexcept { return wish_.has_value(); }
    /// Of any client, while it is awake, under these overrides.
    void on_exchange(const exchange& what, std::shared_ptr<const contract::override_set> overrides) noexcept;
    void on_session_event(contract::session_event event) noexcept override;
    void on_tick(monotonic_time now);

  private:
    [[nodiscard]] bool is_meant(const credential_id& credential) const noexcept {
        return wish_ && wish_->credential == credential;
    }
    void overhear(const contract::session_event& event) noexcept;
    void tell(const contract::session_started& begun);
    void tell(const contract::session_moved& moved);
    void tell(const contract::session_progress& progress);
    void tell(const contract::session_ended& ended);
    void tell(const contract::quota_exceeded& reached);
    /// One record: the credential's name and this.
    void write(const std::string& text);

    contract::session_observer& onward_;
    std::shared_ptr<const credential::key_ring> keys_;
    std::string realm_;
    std::optional<debug_wish> wish_;
    std::optional<turn::credential_cache> credentials_;  ///< while it is awake
    std::set<session_id> sessions_;                      ///< of the credential
    monotonic_time now_{};
    turn::token_bucket bucket_;
    std::uint64_t left_out_{0};
};

}  // namespace turnix::relay
