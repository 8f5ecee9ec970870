#include "daemon/signals.hpp"

#include <unistd.h>

namespace turnix::daemon {

end_signals::end_signals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
}

std::optional<int> end_signals::wait(std::chrono::seconds at_most) const {
    const timespec time{.tv_sec = at_most.count(), .tv_nsec = 0};
    const int signal = ::sigtimedwait(&set_, nullptr, &time);
    return signal > 0 ? std::optional{signal} : std::nullopt;
}

void end_signals::raise() noexcept { ::kill(::getpid(), SIGTERM); }

}  // namespace turnix::daemon
