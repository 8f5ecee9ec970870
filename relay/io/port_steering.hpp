// Relay ports without relay sockets: a program in the kernel (port_steering.bpf.c) hands what arrives for a
// claimed port to a socket of the worker that claimed it.
//
// One for the node, made on the main thread. Claims come from every worker's thread: the table of ports is
// memory that the program reads, so a claim is one atomic store. Other processes of the network namespace may
// have programs of their own; each decides about its own claims and lets everything else pass. The kernel
// takes the program out when the process ends, however it does.
#pragma once

#include "common/net/address.hpp"
#include "relay/io/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

struct bpf_link;
struct bpf_object;

namespace turnix::io {

class port_steering {
  public:
    static constexpr std::size_t workers_max = 65'534;

    /// For these relay addresses. Throws std::system_error that says which step the kernel refused.
    port_steering(std::span<const net::address> addresses, std::size_t workers);

    /// From here on the worker's claimed ports of that family are received on this bound UDP socket. Throws
    /// std::system_error.
    void receive_on(const file_descriptor& socket, std::size_t worker, net::family family);

    /// The place of a relay address in the list; nothing for another address. Any thread.
    [[nodiscard]] std::optional<std::size_t> place_of(const net::address& address) const noexcept;

    /// False when another worker has claimed the port. Any thread.
    [[nodiscard]] bool claim(std::size_t place, std::uint16_t port, std::size_t worker) noexcept;
    /// The worker that claimed it gives it back.
    void release(std::size_t place, std::uint16_t port) noexcept;

  private:
    static constexpr std::size_t ports = 65'536;

    struct close_object {
        void operator()(bpf_object* object) const noexcept;
    };
    struct destroy_link {
        void operator()(bpf_link* link) const noexcept;
    };
    struct unmap {
        std::size_t bytes;
        void operator()(std::uint16_t* memory) const noexcept;
    };

    void load(std::size_t workers);
    void map_ports();
    void enter_addresses();
    void attach();
    [[nodiscard]] int map_descriptor(const char* name) const noexcept;
    [[nodiscard]] std::uint16_t& served_by(std::size_t place, std::uint16_t port) noexcept;

    std::vector<net::address> addresses_;
    std::unique_ptr<bpf_object, close_object> object_;
    std::unique_ptr<std::uint16_t, unmap> served_by_;  ///< by place and port, shared with the program
    std::unique_ptr<bpf_link, destroy_link> link_;
};

}  // namespace turnix::io
