#include "relay/io/port_steering.hpp"

#include "relay/io/port_steering_object.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

/// As in port_steering.bpf.c.
struct address_key {
    std::array<std::uint8_t, 16> bytes{};
    std::uint32_t family{0};
};

[[noreturn]] void refused(const std::string& step, int error) {
    throw std::system_error{error, std::generic_category(), step};
}

/// libbpf answers with a negative error number.
void require(const char* step, int answer) {
    if (answer < 0) refused(step, -answer);
}

}  // namespace

port_steering::port_steering(std::span<const net::address> addresses, std::size_t workers)
    : addresses_{addresses.begin(), addresses.end()} {
    assert(workers <= workers_max);
    // What it would print, the exceptions say.
    ::libbpf_set_print(nullptr);
    load(workers);
    map_ports();
    enter_addresses();
    attach();
}

void port_steering::load(std::size_t workers) {
    const auto elf = port_steering_object();
    object_.reset(::bpf_object__open_mem(elf.data(), elf.size(), nullptr));
    if (!object_) refused("cannot read the sk_lookup program", errno);
    const auto size = [this](const char* name, std::size_t entries) {
        bpf_map* const map = ::bpf_object__find_map_by_name(object_.get(), name);
        require(name, ::bpf_map__set_max_entries(map, static_cast<std::uint32_t>(entries)));
    };
    size("addresses", addresses_.size());
    size("ports", addresses_.size());
    size("sockets", 2 * workers);
    require("cannot load the sk_lookup program", ::bpf_object__load(object_.get()));
}

void port_steering::map_ports() {
    const std::size_t bytes = addresses_.size() * ports * sizeof(std::uint16_t);
    void* const memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_descriptor("ports"), 0);
    if (memory == MAP_FAILED) refused("cannot map the table of ports", errno);
    served_by_ = {static_cast<std::uint16_t*>(memory), unmap{bytes}};
}

void port_steering::enter_addresses() {
    for (std::uint32_t place = 0; place < addresses_.size(); ++place) {
        const net::address& address = addresses_[place];
        address_key key{.family = static_cast<std::uint32_t>(address.is_v4() ? AF_INET : AF_INET6)};
        std::ranges::copy(address.bytes(), key.bytes.begin());
        require("cannot enter a relay address",
                ::bpf_map_update_elem(map_descriptor("addresses"), &key, &place, BPF_NOEXIST));
    }
}

void port_steering::attach() {
    const file_descriptor this_namespace{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
    if (!this_namespace.is_open()) refused("cannot open the network namespace", errno);
    bpf_program* const program = ::bpf_object__find_program_by_name(object_.get(), "steer");
    link_.reset(::bpf_program__attach_netns(program, this_namespace.get()));
    if (!link_) refused("cannot attach the sk_lookup program", errno);
}

void port_steering::receive_on(const file_descriptor& socket, std::size_t worker, net::family family) {
    const auto index = static_cast<std::uint32_t>(2 * worker + (family == net::family::ipv6 ? 1 : 0));
    const auto descriptor = static_cast<std::uint64_t>(socket.get());
    require("cannot enter a worker's socket",
            ::bpf_map_update_elem(map_descriptor("sockets"), &index, &descriptor, BPF_ANY));
}

std::optional<std::size_t> port_steering::place_of(const net::address& address) const noexcept {
    const auto found = std::ranges::find(addresses_, address);
    if (found == addresses_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - addresses_.begin());
}

bool port_steering::claim(std::size_t place, std::uint16_t port, std::size_t worker) noexcept {
    std::uint16_t nobody = 0;
    return std::atomic_ref{served_by(place, port)}.compare_exchange_strong(
        nobody, static_cast<std::uint16_t>(worker + 1), std::memory_order_relaxed);
}

void port_steering::release(std::size_t place, std::uint16_t port) noexcept {
    std::atomic_ref{served_by(place, port)}.store(0, std::memory_order_relaxed);
}

std::uint16_t& port_steering::served_by(std::size_t place, std::uint16_t port) noexcept {
    assert(place < addresses_.size());
    return served_by_.get()[place * ports + port];
}

int port_steering::map_descriptor(const char* name) const noexcept {
    return ::bpf_object__find_map_fd_by_name(object_.get(), name);
}

void port_steering::close_object::operator()(bpf_object* object) const noexcept {
    ::bpf_object__close(object);
}

void port_steering::destroy_link::operator()(bpf_link* link) const noexcept { ::bpf_link__destroy(link); }

void port_steering::unmap::operator()(std::uint16_t* memory) const noexcept { ::munmap(memory, bytes); }

}  // namespace turnix::io
