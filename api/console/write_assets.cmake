# cmake -DDIRECTORY=… -DGENERATED=… -DGZIP=… -DBROTLI=… -P write_assets.cmake: writes the list that
# asset.hpp declares, of the files in the directory.
set(media_type.html "text/html; charset=utf-8")
set(media_type.css "text/css; charset=utf-8")
set(media_type.js "text/javascript; charset=utf-8")
set(media_type.svg "image/svg+xml")

# Appends one array of bytes to `arrays`.
function(append_array name file)
  file(READ ${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  set(arrays "${arrays}constexpr std::array<char, ${size}> ${name}{${bytes}};\n" PARENT_SCOPE)
endfunction()

set(arrays)
set(entries)
set(number 0)
file(GLOB files ${DIRECTORY}/*)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  get_filename_component(extension ${file} LAST_EXT)
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  execute_process(COMMAND ${GZIP} -9 -n -c ${file} OUTPUT_FILE ${GENERATED}.gz COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${BROTLI} -q 11 -c ${file} OUTPUT_FILE ${GENERATED}.br COMMAND_ERROR_IS_FATAL ANY)
  append_array(plain_${number} ${file})
  append_array(gzip_${number} ${GENERATED}.gz)
  append_array(brotli_${number} ${GENERATED}.br)
  string(APPEND entries "    asset{.name = \"${name}\", .type = \"${media_type${extension}}\", "
    ".hash = \"${hash}\",\n          .plain = text(plain_${number}), .gzip = text(gzip_${number}), "
    ".brotli = text(brotli_${number})},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${GENERATED} "#include \"api/console/asset.hpp\"

#include <array>

namespace turnix::console {

namespace {

template <std::size_t size>
constexpr std::string_view text(const std::array<char, size>& bytes) {
    return {bytes.data(), bytes.size()};
}

${arrays}
constexpr std::array list{
${entries}};

}  // namespace

std::span<const asset> assets() noexcept { return list; }

}  // namespace turnix::console
")
