# embed_migrations(ROOM DIRECTORY NAMESPACE): compiles DIRECTORY/migrations/NNNN_name.sql into the room, as
# turnix::NAMESPACE::migrations() of its migration.hpp, so that no path is needed at run time.
function(embed_migrations room directory namespace)
  file(GLOB migration_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${directory}/migrations/*.sql)
  set(migration_entries)
  foreach(file IN LISTS migration_files)
    get_filename_component(file_name ${file} NAME_WE)
    string(REGEX MATCH "^[0-9]+" number ${file_name})
    math(EXPR number "10000${number} % 10000")
    file(READ ${file} sql)
    string(APPEND migration_entries
      "    store::migration{.number = ${number}, .name = \"${file_name}\", .sql = R\"sql(${sql})sql\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${namespace}_migrations.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT [[
#include "@directory@/migration.hpp"

#include <array>

namespace turnix::@namespace@ {

std::span<const store::migration> migrations() noexcept {
    static constexpr std::array list{
@migration_entries@    };
    return list;
}

}  // namespace turnix::@namespace@
]])
  target_sources(turnix_${room} PRIVATE ${generated})
endfunction()
