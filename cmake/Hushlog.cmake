# Shared settings and the three functions that every folder uses.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(hushlog_settings INTERFACE)
target_compile_options(hushlog_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=return-type
                                                  -Werror=unused-result
                                                  # GCC 12 warns of overlaps and sizes that cannot be (bug 105329).
                                                  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow>)
target_link_options(hushlog_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow>)
target_include_directories(hushlog_settings INTERFACE ${PROJECT_SOURCE_DIR})
if(HUSHLOG_SANITIZE)
  target_compile_options(hushlog_settings INTERFACE -fsanitize=${HUSHLOG_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  target_link_options(hushlog_settings INTERFACE -fsanitize=${HUSHLOG_SANITIZE})
endif()

# hushlog_package(<pkg-config name>...): imported targets pkg::<name>.
function(hushlog_package)
  foreach(package IN LISTS ARGN)
    if(NOT TARGET PkgConfig::${package})
      pkg_check_modules(${package} REQUIRED IMPORTED_TARGET GLOBAL ${package})
    endif()
  endforeach()
endfunction()

# hushlog_library(<name> SOURCES ... [LINKS ...]): the library of one folder.
function(hushlog_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC hushlog_settings ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# hushlog_test(<name> SOURCES ... LINKS ...): a doctest program; each of its cases becomes a test of ctest.
function(hushlog_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/main.cc)
  target_link_libraries(${name} PRIVATE hushlog_settings doctest::doctest ${ARG_LINKS})
  target_compile_definitions(${name} PRIVATE HUSHLOG_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  doctest_discover_tests(${name} TEST_PREFIX "${name}: ")
endfunction()

# hushlog_embed(<target> <file>...): makes files part of the program. Each is available as
#   std::string_view hushlog::embedded::<name with everything but letters and digits replaced by _>();
# declared in "embedded/<target>.h".
function(hushlog_embed target)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  set(header ${directory}/${target}.h)
  set(source ${directory}/${target}.cc)
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DHEADER=${header} -DSOURCE=${source} "-DFILES=${ARGN}"
            -DDIRECTORY=${CMAKE_CURRENT_SOURCE_DIR} -DNAME=${target} -P ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    VERBATIM)
  target_sources(${target} PRIVATE ${source} ${header})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
