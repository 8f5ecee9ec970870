// The program of port_steering.bpf.c as an ELF object for the kernel, compiled in.
#pragma once

#include <cstddef>
#include <span>

namespace turnix::io {

std::span<const std::byte> port_steering_object() noexcept;

}  // namespace turnix::io
