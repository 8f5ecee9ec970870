// A network namespace of this thread's own while it lives, with a loopback interface of a chosen MTU: needs
// CAP_SYS_ADMIN.
#pragma once

#include "relay/io/file_descriptor.hpp"

#include <cstring>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace turnix::test {

class network_namespace {
  public:
    explicit network_namespace(int loopback_mtu)
        : before_{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)},
          entered_{::unshare(CLONE_NEWNET) == 0} {
        if (!entered_) return;
        auto request = about_loopback();
        request.ifr_flags = IFF_UP;
        ask(SIOCSIFFLAGS, request);
        change_mtu(loopback_mtu);
    }
    network_namespace(const network_namespace&) = delete;
    network_namespace& operator=(const network_namespace&) = delete;
    ~network_namespace() {
        if (entered_) ::setns(before_.get(), CLONE_NEWNET);
    }

    /// False without the privilege: this thread is where it was.
    [[nodiscard]] bool is_entered() const { return entered_; }

    void change_mtu(int loopback_mtu) const {
        auto request = about_loopback();
        request.ifr_mtu = loopback_mtu;
        ask(SIOCSIFMTU, request);
    }

  private:
    static ifreq about_loopback() {
        ifreq request{};
        std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
        return request;
    }
    static void ask(unsigned long what, ifreq& request) {
        const io::file_descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        ::ioctl(socket.get(), what, &request);
    }

    io::file_descriptor before_;
    bool entered_;
};

}  // namespace turnix::test
