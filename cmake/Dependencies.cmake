# Every library that this project links, as an imported target:
#
#   Libtorch::libtorch (with CHARRNN_TORCH)   TBB::tbb   Boost::headers   Boost::program_options   Boost::json
#   OpenSSL::SSL   fmt::fmt   xxHash::xxhash   utf8proc::utf8proc   PCRE2::PCRE2
#   MPI::MPI_CXX (of the module charrnn_mpi alone, where there is MPI)
#   ZLIB::ZLIB   zstd::zstd   LibLZMA::LibLZMA   BZip2::BZip2
#   GTest::gtest_main   benchmark::benchmark
#
# scripts/setup installs them; configuring needs no network.

include(CacheFolder)

set(CHARRNN_MPI AUTO CACHE STRING "Several machines, with MPI: AUTO (where it is found), ON or OFF")
set_property(CACHE CHARRNN_MPI PROPERTY STRINGS AUTO ON OFF)
set(CHARRNN_CUDA AUTO CACHE STRING "Use CUDA: AUTO (where toolkit, libtorch_cuda and GPU are), ON or OFF")
set_property(CACHE CHARRNN_CUDA PROPERTY STRINGS AUTO ON OFF)

find_program(CHARRNN_CCACHE ccache)
if(CHARRNN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # what ccache asks for to keep what was compiled with precompiled headers
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "${CHARRNN_CCACHE}")
endif()

# charrnn_library(<target> <header> <library>): a library that brings no CMake files of its own.
function(charrnn_library target header library)
  string(MAKE_C_IDENTIFIER "${target}" name)
  find_path(${name}_INCLUDE_DIR ${header})
  find_library(${name}_LIBRARY ${library})
  mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
  if(NOT ${name}_INCLUDE_DIR OR NOT ${name}_LIBRARY)
    message(FATAL_ERROR "no ${header} or lib${library} here. Run scripts/setup")
  endif()
  add_library(${target} UNKNOWN IMPORTED)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${${name}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}")
endfunction()

# Boost: Boost_ROOT, else the copy that scripts/setup unpacked because the system's Boost is
# another version, else the system's. A Boost beside the system's is linked statically where it can
# be, since its shared libraries would not find each other.
charrnn_cache_folder(_cache)
if(NOT Boost_ROOT)
  set(Boost_ROOT "$ENV{Boost_ROOT}")
endif()
if(NOT Boost_ROOT AND IS_DIRECTORY "${_cache}/boost-1.81")
  set(Boost_ROOT "${_cache}/boost-1.81")
endif()
if(Boost_ROOT)
  file(GLOB _static_boost "${Boost_ROOT}/lib/libboost_json.a" "${Boost_ROOT}/lib/*/libboost_json.a")
  if(_static_boost)
    set(Boost_USE_STATIC_LIBS ON)
  endif()
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
if(CHARRNN_TORCH)
  find_package(Libtorch REQUIRED)
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS program_options json)
find_package(TBB 2021.8 REQUIRED CONFIG COMPONENTS tbb)
find_package(fmt 9 REQUIRED CONFIG)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibLZMA REQUIRED)
find_package(BZip2 REQUIRED)
charrnn_library(zstd::zstd zstd.h zstd)
charrnn_library(xxHash::xxhash xxhash.h xxhash)
charrnn_library(utf8proc::utf8proc utf8proc.h utf8proc)
charrnn_library(PCRE2::PCRE2 pcre2.h pcre2-8)
set(MPI_CXX_SKIP_MPICXX ON)
if(CHARRNN_MPI STREQUAL "ON")
  find_package(MPI REQUIRED COMPONENTS CXX)
elseif(NOT CHARRNN_MPI STREQUAL "OFF")
  find_package(MPI QUIET COMPONENTS CXX)
endif()
if(CHARRNN_TESTS)
  find_package(GTest REQUIRED CONFIG)
endif()
if(CHARRNN_BENCH)
  find_package(benchmark REQUIRED CONFIG)
endif()

# The programs run from the build folder and after an install alike: both look for libtorch
# (and a Boost_ROOT) where they were found.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

if(NOT CHARRNN_TORCH)
  set(_libtorch "no libtorch: the CPU kernels alone")
elseif(Libtorch_CUDA)
  set(_libtorch "libtorch ${Libtorch_VERSION} for CPU and CUDA")
else()
  set(_libtorch "libtorch ${Libtorch_VERSION} for CPU")
  if(_cuda_lacks)
    string(APPEND _libtorch " (no CUDA: lacks ${_cuda_lacks})")
  endif()
endif()
message(STATUS "${_libtorch}; Boost ${Boost_VERSION}; "
               "oneTBB ${TBB_VERSION}; fmt ${fmt_VERSION}")
