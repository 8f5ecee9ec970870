# Compiles port_steering.bpf.c for the kernel and the object into the room, so that no path is needed at run
# time.
find_program(TURNIX_BPF_CLANG NAMES clang-19 clang REQUIRED)
set(program ${CMAKE_CURRENT_LIST_DIR}/port_steering.bpf.c)
set(object ${CMAKE_CURRENT_BINARY_DIR}/port_steering.bpf.o)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/port_steering_object.cpp)
add_custom_command(OUTPUT ${object}
  COMMAND ${TURNIX_BPF_CLANG} -target bpf -O2 -g -Wall -Werror
    -I/usr/include/${CMAKE_CXX_LIBRARY_ARCHITECTURE} -c ${program} -o ${object}
  DEPENDS ${program} VERBATIM)
file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT [[
#include "relay/io/port_steering_object.hpp"

// The assembler takes the bytes up: g++ 12 has no #embed.
__asm__(
    ".section .rodata\n"
    ".balign 8\n"
    "turnix_port_steering_begin: .incbin \"@object@\"\n"
    "turnix_port_steering_end:\n"
    ".previous\n");
extern "C" const std::byte turnix_port_steering_begin;
extern "C" const std::byte turnix_port_steering_end;

namespace turnix::io {

std::span<const std::byte> port_steering_object() noexcept {
    return {&turnix_port_steering_begin, &turnix_port_steering_end};
}

}  // namespace turnix::io
]])
set_source_files_properties(${generated} PROPERTIES OBJECT_DEPENDS ${object})
target_sources(turnix_relay_io PRIVATE ${generated})
