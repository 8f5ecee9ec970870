#include "daemon/signals.hpp"

#include <unistd.h>

namespace turnix::daemon {

process_signals::process_signals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::sigaddset(&set_, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
}

std::optional<int> process_signals::wait(std::chrono::seconds at_most) const {
    const timespec time{.tv_sec = at_most.count(), .tv_nsec = 0};
    const int signal = ::sigtimedwait(&set_, nullptr, &time);
    return signal > 0 ? std::optional{signal} : std::nullopt;
}

void process_signals::raise() noexcept { ::kill(::getpid(), SIGTERM); }

}  // namespace turnix::daemon
