// Options of sockets, by what they are for. A refusal is no error: the socket works without.
#pragma once

#include "common/net/address.hpp"
#include "relay/io/file_descriptor.hpp"

namespace turnix::io {

/// An option whose value is a number.
void set_option(const file_descriptor& socket, int level, int name, int value) noexcept;

/// Room for bursts while the worker is at something else, as much of it as the system gives.
void ask_for_large_buffers(const file_descriptor& socket) noexcept;
/// Received datagrams tell the local address they came to.
void ask_for_destination(const file_descriptor& socket, net::family family) noexcept;
/// Received datagrams tell their DSCP and ECN.
void ask_for_traffic_class(const file_descriptor& socket, net::family family) noexcept;
/// The error queue tells what ICMP reports, and what is too big for the link.
void ask_for_icmp_errors(const file_descriptor& socket, net::family family) noexcept;
/// The error queue is empty and stays so.
void ignore_icmp_errors(const file_descriptor& socket, net::family family) noexcept;
/// Datagrams of one sender that came together may be received joined.
void ask_for_joined(const file_descriptor& socket) noexcept;

/// Sets or clears the DF bit of what leaves from now on.
void set_dont_fragment(const file_descriptor& socket, net::family family, bool on) noexcept;

}  // namespace turnix::io
