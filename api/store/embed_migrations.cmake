# Compiles api/store/migrations/NNNN_name.sql into the store, so that no path is needed at run time.
file(GLOB migration_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/migrations/*.sql)
set(migration_entries)
foreach(file IN LISTS migration_files)
  get_filename_component(file_name ${file} NAME_WE)
  string(REGEX MATCH "^[0-9]+" number ${file_name})
  math(EXPR number "10000${number} % 10000")
  file(READ ${file} sql)
  string(APPEND migration_entries
    "    migration{.number = ${number}, .name = \"${file_name}\", .sql = R\"sql(${sql})sql\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endforeach()
set(generated ${CMAKE_CURRENT_BINARY_DIR}/store_migrations.cpp)
file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT [[
#include "api/store/migration.hpp"

#include <array>

namespace turnix::store {

std::span<const migration> migrations() noexcept {
    static constexpr std::array list{
@migration_entries@    };
    return list;
}

}  // namespace turnix::store
]])
target_sources(turnix_api_store PRIVATE ${generated})
