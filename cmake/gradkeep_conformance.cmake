# gradkeep_add_conformance_test(TARGET FUNCTIONS gelu silu
#     [NAME test] [DIALECT torch] [TOLERANCE 2ulp] [BUDGET 10s] [TYPES f32 bf16] [ONLY value slope])
#
# A test of CTest that holds TARGET against the truth: a shared library that defines gradkeep_evaluate
# (gradkeep/gradkeep.h), or an executable that answers as docs/check.md says. The report is written to
# TARGET-conformance.html in the build folder. GRADKEEP_PROGRAM is the command line, which an
# installation of gradkeep brings along.
# SPDX-License-Identifier: Apache-2.0
function(gradkeep_add_conformance_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;DIALECT;TOLERANCE;BUDGET" "FUNCTIONS;TYPES;ONLY")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_FUNCTIONS)
    message(FATAL_ERROR "gradkeep_add_conformance_test(${target} ...): expected FUNCTIONS and then "
                        "NAME, DIALECT, TOLERANCE, BUDGET, TYPES or ONLY, got '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  set(program "${GRADKEEP_PROGRAM}")
  if(NOT program AND TARGET gradkeep_cli)
    set(program $<TARGET_FILE:gradkeep_cli>)
  elseif(NOT program)
    find_program(GRADKEEP_PROGRAM gradkeep HINTS ${gradkeep_DIR}/../../../bin REQUIRED)
    set(program "${GRADKEEP_PROGRAM}")
  endif()
  if(NOT arg_NAME)
    set(arg_NAME ${target}-conformance)
  endif()
  set(options --html ${CMAKE_CURRENT_BINARY_DIR}/${target}-conformance.html)
  foreach(option DIALECT TOLERANCE BUDGET TYPES ONLY)
    if(arg_${option})
      string(TOLOWER ${option} word)
      string(REPLACE ";" "," value "${arg_${option}}")
      list(APPEND options --${word} ${value})
    endif()
  endforeach()
  add_test(NAME ${arg_NAME}
           COMMAND ${program} check $<TARGET_FILE:${target}> ${arg_FUNCTIONS} ${options})
endfunction()
