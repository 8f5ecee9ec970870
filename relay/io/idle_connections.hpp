// How many connections without an allocation each source has, over all workers: the limit that keeps one
// source from holding descriptors that it does not use.
//
// One for the node. Asked when connections come, go, and get or lose an allocation, never per message: a
// mutex is good enough.
#pragma once

#include "common/net/address.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace turnix::io {

class idle_connections;

/// One connection's place in the count, given back when this is destroyed.
class idle_lease {
  public:
    idle_lease(idle_lease&& other) noexcept
        : from_{std::exchange(other.from_, nullptr)}, source_{other.source_} {}
    idle_lease& operator=(idle_lease&& other) noexcept {
        std::swap(from_, other.from_);
        std::swap(source_, other.source_);
        return *this;
    }
    ~idle_lease();

  private:
    friend class idle_connections;
    idle_lease(idle_connections& from, const net::address& source) noexcept : from_{&from}, source_{source} {}

    idle_connections* from_;
    net::address source_;
};

/// Outlives its leases. Any thread.
class idle_connections {
  public:
    explicit idle_connections(std::uint16_t per_source_max) noexcept : per_source_max_{per_source_max} {}
    idle_connections(const idle_connections&) = delete;
    idle_connections& operator=(const idle_connections&) = delete;

    /// So many may a source have from here on; those that it has stay.
    void change(std::uint16_t per_source_max);

    /// A source is an IPv4 address or an IPv6 /64. Nothing when it has as many as it may.
    [[nodiscard]] std::optional<idle_lease> admit(const net::address& client);
    /// For a connection that is there already and has lost its allocation.
    [[nodiscard]] idle_lease readmit(const net::address& client);

  private:
    friend class idle_lease;
    void give_back(const net::address& source) noexcept;

    std::uint16_t per_source_max_;
    std::mutex guard_;
    std::unordered_map<net::address, std::uint32_t> counts_;
};

}  // namespace turnix::io
