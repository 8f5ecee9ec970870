# turnix_room(NAME DIRECTORY dir [USES room...] [LINKS target...] [PRIVATE_LINKS target...])
#
# A room is one directory of sources and one library. Its headers are reached through a directory of links
# of its own, so that a source file can include only the headers of the rooms that its target USES: a wrong
# include does not compile. Headers are included by their path from the top: "relay/stun/message.hpp".
#
# Every header stands alone. That of a source is the first thing which this source includes (tests/tidy), so
# that it compiles by itself already; all_verify_interface_header_sets compiles the others.
function(turnix_room name)
  cmake_parse_arguments(room "" "DIRECTORY" "USES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(directory ${CMAKE_SOURCE_DIR}/${room_DIRECTORY})
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${directory}/*.hpp)

  set(view ${CMAKE_BINARY_DIR}/include/${name})
  file(REMOVE_RECURSE ${view})
  file(MAKE_DIRECTORY ${view}/${room_DIRECTORY})
  set(headers_of_sources)
  set(other_headers)
  foreach(header IN LISTS headers)
    cmake_path(GET header STEM header_name)
    set(visible_header ${view}/${room_DIRECTORY}/${header_name}.hpp)
    file(CREATE_LINK ${header} ${visible_header} SYMBOLIC)
    if(${directory}/${header_name}.cpp IN_LIST sources)
      list(APPEND headers_of_sources ${visible_header})
    else()
      list(APPEND other_headers ${visible_header})
    endif()
  endforeach()

  list(TRANSFORM room_USES PREPEND turnix_)
  if(sources)
    add_library(turnix_${name} STATIC ${sources})
    set(visibility PUBLIC)
    target_link_libraries(turnix_${name}
      PUBLIC ${room_USES} ${room_LINKS}
      PRIVATE turnix_compile_options ${room_PRIVATE_LINKS})
  else()
    add_library(turnix_${name} INTERFACE)
    set(visibility INTERFACE)
    target_link_libraries(turnix_${name} INTERFACE ${room_USES} ${room_LINKS})
  endif()
  target_sources(turnix_${name}
    ${visibility} FILE_SET HEADERS BASE_DIRS ${view} FILES ${headers_of_sources}
    ${visibility} FILE_SET other_headers TYPE HEADERS BASE_DIRS ${view} FILES ${other_headers})
  set_target_properties(turnix_${name} PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY other_headers)
endfunction()
