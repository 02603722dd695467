# How this project's own targets are made.
# g++ 12 warns falsely of overlapping copies in "literal" + std::string.
set(CHARRNN_WARNINGS -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
set(CHARRNN_SANITIZE "" CACHE STRING "Sanitizers to compile with: address,undefined or thread")
if(CHARRNN_SANITIZE)
  add_compile_options(-fsanitize=${CHARRNN_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${CHARRNN_SANITIZE})
endif()

# charrnn_room(name SOURCES file... PUBLIC lib... PRIVATE lib... HEADERS precompiled): one folder, one
# static library. HEADERS: charrnn_standard_headers when nothing else is named, NONE for none.
function(charrnn_room name)
  cmake_parse_arguments(ARG "" "HEADERS" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(charrnn_${name} STATIC ${ARG_SOURCES})
  target_include_directories(charrnn_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_compile_options(charrnn_${name} PRIVATE ${CHARRNN_WARNINGS})
  target_link_libraries(charrnn_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  if(NOT ARG_HEADERS)
    set(ARG_HEADERS charrnn_standard_headers)
  endif()
  if(NOT ARG_HEADERS STREQUAL "NONE")
    target_precompile_headers(charrnn_${name} REUSE_FROM ${ARG_HEADERS})
  endif()
endfunction()

# charrnn_test(name SOURCES file... LIBS lib... LABELS label... TIMEOUT seconds SERIAL): one gtest
# program, one ctest entry for each of its cases; SERIAL: nothing else may run beside them.
function(charrnn_test name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${CHARRNN_WARNINGS})
  target_compile_definitions(${name} PRIVATE CHARRNN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM charrnn_test_headers)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 90)
  endif()
  set(_properties TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL})
  if(ARG_LABELS)
    list(APPEND _properties LABELS "${ARG_LABELS}")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES ${_properties})
endfunction()
