# turnix_room(NAME DIRECTORY dir [USES room...] [LINKS target...] [PRIVATE_LINKS target...])
#
# A room is one directory of sources and one library. Its headers are reached through a directory of links
# of its own, so that a source file can include only the headers of the rooms that its target USES: a wrong
# include does not compile. Headers are included by their path from the top: "relay/stun/message.hpp".
function(turnix_room name)
  cmake_parse_arguments(room "" "DIRECTORY" "USES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(directory ${CMAKE_SOURCE_DIR}/${room_DIRECTORY})
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${directory}/*.hpp)

  set(view ${CMAKE_BINARY_DIR}/include/${name})
  file(REMOVE_RECURSE ${view})
  file(MAKE_DIRECTORY ${view}/${room_DIRECTORY})
  set(visible_headers)
  foreach(header IN LISTS headers)
    get_filename_component(header_name ${header} NAME)
    file(CREATE_LINK ${header} ${view}/${room_DIRECTORY}/${header_name} SYMBOLIC)
    list(APPEND visible_headers ${view}/${room_DIRECTORY}/${header_name})
  endforeach()

  list(TRANSFORM room_USES PREPEND turnix_)
  if(sources)
    add_library(turnix_${name} STATIC ${sources})
    target_sources(turnix_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${view} FILES ${visible_headers})
    target_link_libraries(turnix_${name}
      PUBLIC ${room_USES} ${room_LINKS}
      PRIVATE turnix_compile_options ${room_PRIVATE_LINKS})
  else()
    add_library(turnix_${name} INTERFACE)
    target_sources(turnix_${name} INTERFACE FILE_SET HEADERS BASE_DIRS ${view} FILES ${visible_headers})
    target_link_libraries(turnix_${name} INTERFACE ${room_USES} ${room_LINKS})
  endif()
endfunction()
