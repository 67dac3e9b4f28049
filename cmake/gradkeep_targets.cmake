# How every room of the house becomes a library or a test: one place for warnings, sanitizers and
# include paths.
# SPDX-License-Identifier: Apache-2.0

# -Wrestrict of g++ 12 misreads operator+(const char*, std::string) (GCC bug 105651).
set(gradkeep_warnings -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${GRADKEEP_WERROR}>:-Werror>)

function(gradkeep_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE ${gradkeep_warnings})
  if(GRADKEEP_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${GRADKEEP_SANITIZE} -fno-sanitize-recover=all
                           -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${GRADKEEP_SANITIZE})
  endif()
endfunction()

# For what spends no time, LEVEL -O1 or -Og: half of the compiler's time went to its optimisation. Under
# sanitizers, which make the optimiser's work many times as much, it is compiled as it was written.
function(gradkeep_compile_quickly target level)
  if(GRADKEEP_SANITIZE)
    set(level -O0)
  endif()
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:${level}>)
endfunction()

# Under sanitizers half of the compiler's time would go to reading headers of others: clang reads those of the
# standard library and GoogleTest once for what is compiled LIKE library and once for what is LIKE test, quickly.
function(gradkeep_share_headers target like)
  if(NOT GRADKEEP_SANITIZE OR NOT GRADKEEP_BUILD_TESTS)
    return()
  endif()
  set(headers gradkeep_headers_of_${like})
  if(NOT TARGET ${headers})
    set(empty ${PROJECT_BINARY_DIR}/generated/headers_of_${like}.cc)
    file(CONFIGURE OUTPUT ${empty} CONTENT "// All that is compiled here is the precompiled header.\n")
    add_library(${headers} OBJECT ${empty})
    gradkeep_compile_options(${headers})
    target_compile_options(${headers} PRIVATE -ffp-contract=off)
    if(like STREQUAL "test")
      gradkeep_compile_quickly(${headers} -Og)
      target_compile_definitions(${headers} PRIVATE GTEST_HAS_PTHREAD=1)  # as GTest::gtest has it
    endif()
    target_precompile_headers(${headers} PRIVATE <algorithm> <array> <cmath> <filesystem> <fstream>
      <functional> <gtest/gtest.h> <limits> <map> <memory> <optional> <span> <sstream> <string>
      <string_view> <utility> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()

# gradkeep_library(nn SOURCES a.cc b.cc LINKS gradkeep::core): the room's library, gradkeep::nn. QUICKLY: it
# spends no time.
function(gradkeep_library room)
  cmake_parse_arguments(arg "QUICKLY" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(gradkeep_${room} ${arg_SOURCES})
  add_library(gradkeep::${room} ALIAS gradkeep_${room})
  set_target_properties(gradkeep_${room} PROPERTIES EXPORT_NAME ${room})
  target_include_directories(gradkeep_${room} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(gradkeep_${room} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  gradkeep_compile_options(gradkeep_${room})
  if(arg_QUICKLY)
    gradkeep_compile_quickly(gradkeep_${room} -O1)
    gradkeep_share_headers(gradkeep_${room} test)
  elseif(NOT room MATCHES "^(core|nn)$")  # which are compiled for a processor of their own, and for OpenMP
    gradkeep_share_headers(gradkeep_${room} library)
  endif()
endfunction()

# gradkeep_embed(kit dialects dialects/*.toml): files of a room, written into its library. Their names without
# extension and their texts are rows {"torch", R"(...)"} of kit/dialects.inc, by name.
function(gradkeep_embed room name)
  file(GLOB files CONFIGURE_DEPENDS ${ARGN})
  list(SORT files COMPARE FILE_BASENAME)
  set(rows "")
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND rows "{\"${stem}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/generated/${room}/${name}.inc
       CONTENT "@rows@" @ONLY)
  target_include_directories(gradkeep_${room} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()

# gradkeep_test(nn_layers SOURCES layers_test.cc LINKS gradkeep::nn [LABELS slow] [COST seconds]
#               [SWEEPS Layers.Thousands]): one GoogleTest program, registered with CTest under its name.
# COST is what it takes under sanitizers, of those that take half a minute and more: they start first, so
# that none of them runs alone at the end. Label `sweep`, and SWEEPS for single tests (GoogleTest's
# patterns): numbers that sanitizers leave out, since shorter tests run the same code.
function(gradkeep_test name)
  cmake_parse_arguments(arg "" "COST" "SOURCES;LINKS;LABELS;SWEEPS" ${ARGN})
  add_executable(${name}_test ${arg_SOURCES})
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name}_test PRIVATE ${arg_LINKS} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name}_test PRIVATE GRADKEEP_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gradkeep_compile_options(${name}_test)
  gradkeep_compile_quickly(${name}_test -Og)
  gradkeep_share_headers(${name}_test test)
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
  if(arg_COST)
    set_tests_properties(${name} PROPERTIES COST ${arg_COST})
  endif()
  if(GRADKEEP_SANITIZE)
    if(arg_SWEEPS)
      list(JOIN arg_SWEEPS ":" patterns)
      set_tests_properties(${name} PROPERTIES ENVIRONMENT "GTEST_FILTER=-${patterns}")
    endif()
    if("sweep" IN_LIST arg_LABELS)
      set_target_properties(${name}_test PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  endif()
endfunction()

# Small generated files under the same headers: compiled `at_a_time` together, each such file under the
# name of its first.
function(gradkeep_compile_together target at_a_time)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  set(count 0)
  foreach(source ${ARGN})
    math(EXPR place "${count} % ${at_a_time}")
    if(place EQUAL 0)
      cmake_path(GET source STEM group)
    endif()
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
    math(EXPR count "${count} + 1")
  endforeach()
endfunction()
