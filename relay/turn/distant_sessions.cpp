#include "relay/turn/distant_sessions.hpp"

namespace turnix::turn {

bool distant_session::keep(std::span<const std::byte> message) {
    if (waiting.size() == waiting_max) return false;
    waiting.emplace_back(message.begin(), message.end());
    return true;
}

distant_session* distant_sessions::find(const client_path& path) noexcept {
    const auto found = paths_.find(path);
    return found == paths_.end() ? nullptr : &found->second;
}

void distant_sessions::add(const client_path& path, worker_number home) {
    paths_.insert_or_assign(
        path, distant_session{.home = home, .handle = path.handle, .claimed = false, .waiting = {}});
}

}  // namespace turnix::turn
