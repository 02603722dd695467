# Headers that many files share are parsed once. The sources include what they need all the same:
# scripts/lint reads each of them without precompiled headers.
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")

# charrnn_precompiled(name HEADERS header... LIBS lib...): an object library to reuse them from.
function(charrnn_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBS" ${ARGN})
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

set(_standard <algorithm> <array> <atomic> <chrono> <cmath> <cstdint> <deque> <filesystem> <fstream>
    <functional> <map> <memory> <mutex> <optional> <set> <sstream> <string> <string_view> <thread>
    <utility> <vector>)
charrnn_precompiled(charrnn_standard_headers HEADERS ${_standard})
charrnn_precompiled(charrnn_socket_headers
  HEADERS ${_standard} <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp>
          <boost/asio/generic/stream_protocol.hpp> <boost/asio/ip/tcp.hpp>
          <boost/asio/ssl/context.hpp> <boost/asio/steady_timer.hpp>
          <boost/asio/use_awaitable.hpp> <boost/json.hpp>
  LIBS Boost::headers Boost::json OpenSSL::SSL)
if(CHARRNN_TESTS)
  charrnn_precompiled(charrnn_test_headers HEADERS ${_standard} <gtest/gtest.h> LIBS GTest::gtest)
  # programs are compiled with other flags than libraries
  set_target_properties(charrnn_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(charrnn_test_headers PRIVATE -fPIE)
endif()
