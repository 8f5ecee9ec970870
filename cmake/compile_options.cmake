# Warnings, hardening and sanitizers, as one interface target that every room links privately.

add_library(turnix_compile_options INTERFACE)
target_compile_options(turnix_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wcast-align
  -Wnon-virtual-dtor -Wformat=2 -Wimplicit-fallthrough -Wextra-semi -Wundef -Werror
  # At -O2, g++ 12 sees null dereferences in what it inlines of Asio and of its own library.
  $<$<NOT:$<CONFIG:Release>>:-Wnull-dereference>
  # libstdc++ 12 uses what it deprecates itself, which only g++ knows not to tell.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  -fstack-protector-strong)

if(TURNIX_SANITIZE)
  target_compile_definitions(turnix_compile_options INTERFACE TURNIX_IS_SANITIZED)
  target_compile_options(turnix_compile_options INTERFACE
    -fsanitize=${TURNIX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(turnix_compile_options INTERFACE -fsanitize=${TURNIX_SANITIZE})
  # Linked into the program, ThreadSanitizer's operator new would not give way to one of a test.
  if(TURNIX_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    execute_process(
      COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libclang_rt.tsan-${CMAKE_SYSTEM_PROCESSOR}.so
      OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    cmake_path(GET runtime PARENT_PATH runtime_directory)
    target_link_options(turnix_compile_options INTERFACE -shared-libsan -Wl,-rpath,${runtime_directory})
  endif()
  # g++ 12 sees null dereferences and uninitialised values in the sanitizers' own branches.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(turnix_compile_options INTERFACE
      -Wno-null-dereference -Wno-maybe-uninitialized)
  endif()
endif()

# One heavy translation unit (Beast over plain and TLS) takes close to a gigabyte: never two at once.
set_property(GLOBAL APPEND PROPERTY JOB_POOLS heavy=1)
