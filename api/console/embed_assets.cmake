# Compiles the page's files (dist/, made of web/ by its build.mjs) into the room, each as it is, gzipped and
# as Brotli, so that no path is needed at run time and nothing is compressed there.
find_program(GZIP gzip REQUIRED)
find_program(BROTLI brotli REQUIRED)

set(console_directory ${CMAKE_CURRENT_LIST_DIR})
set(console_generated ${CMAKE_CURRENT_BINARY_DIR}/console_assets.cpp)
file(GLOB console_files CONFIGURE_DEPENDS ${console_directory}/dist/*)
add_custom_command(
  OUTPUT ${console_generated}
  COMMAND ${CMAKE_COMMAND} -DGZIP=${GZIP} -DBROTLI=${BROTLI} -DGENERATED=${console_generated}
    -DDIRECTORY=${console_directory}/dist -P ${console_directory}/write_assets.cmake
  DEPENDS ${console_files} ${console_directory}/write_assets.cmake
  COMMENT "Compressing the console"
  VERBATIM)
target_sources(turnix_api_console PRIVATE ${console_generated})
