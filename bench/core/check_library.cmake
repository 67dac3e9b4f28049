# gradkeep_check_library(NAME): a library of this folder as a target of the conformance kit, a shared object
# of its own (check_native.cc).
# SPDX-License-Identifier: Apache-2.0
function(gradkeep_check_library library)
  set(folder ${PROJECT_SOURCE_DIR}/bench/core)
  find_package(OpenMP REQUIRED)
  add_library(check_${library} SHARED ${folder}/check_native.cc ${folder}/${library}.cc)
  set_target_properties(check_${library} PROPERTIES
                        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench/core)
  target_include_directories(check_${library} PRIVATE ${PROJECT_SOURCE_DIR}
                             ${PROJECT_SOURCE_DIR}/core/include)
  target_compile_definitions(check_${library} PRIVATE GRADKEEP_ROWS=${library}_rows
                             GRADKEEP_VERSIONS=${library}_versions
                             GRADKEEP_ELEMENTARY=$<NOT:$<STREQUAL:${library},onednn>>)
  target_link_libraries(check_${library} PRIVATE OpenMP::OpenMP_CXX ${CMAKE_DL_LIBS})
  if(library STREQUAL onednn)  # nn/ has looked for it
    target_sources(check_onednn PRIVATE ${folder}/check_onednn_rows.cc)
    target_include_directories(check_onednn SYSTEM PRIVATE ${GRADKEEP_DNNL_INCLUDE})
    target_link_libraries(check_onednn PRIVATE ${GRADKEEP_DNNL_LIBRARY})
  else()
    target_compile_options(check_${library} PRIVATE -march=native)
  endif()
  gradkeep_compile_options(check_${library})
endfunction()
