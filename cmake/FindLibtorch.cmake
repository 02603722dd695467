# Finds libtorch without the TorchConfig.cmake of its wheel, which insists on CUDA.
#
# Looks in Torch_ROOT (variable or environment) alone when that is given, else where scripts/setup
# unpacks the wheel. A root is a libtorch folder (include/, lib/) or a wheel's site-packages
# (torch/include, torch/lib).
#
# Defines
#   Libtorch::libtorch   headers, libtorch_cpu and libc10; libtorch_cuda too when Libtorch_CUDA
#   Libtorch_FOUND, Libtorch_VERSION
#   Libtorch_CUDA        whether CHARRNN_CUDA asks for libtorch_cuda (AUTO, ON or OFF)
#
# Since 2.6 the wheels use g++'s default std::string ABI, so no _GLIBCXX_USE_CXX11_ABI is set.
# torch's include folder holds its own fmt and oneDNN: link this target PRIVATE, and only to the
# files that include torch.

include(CacheFolder)

set(Libtorch_WANTED_VERSION 2.15.0)  # the same as in scripts/setup

if(NOT Torch_ROOT)
  set(Torch_ROOT "$ENV{Torch_ROOT}")
endif()
if(Torch_ROOT)
  set(_libtorch_roots ${Torch_ROOT})
else()
  charrnn_cache_folder(_libtorch_cache)
  set(_libtorch_roots "${_libtorch_cache}/libtorch-${Libtorch_WANTED_VERSION}-cpu")
  set(_libtorch_cuda_root "${_libtorch_cache}/libtorch-${Libtorch_WANTED_VERSION}-cuda")
  file(GLOB _gpus "/dev/nvidia[0-9]*")
  if(CHARRNN_CUDA STREQUAL "AUTO" AND NOT _gpus)
    list(APPEND _libtorch_roots "${_libtorch_cuda_root}")  # serves the CPU, too
  elseif(CHARRNN_CUDA)
    list(PREPEND _libtorch_roots "${_libtorch_cuda_root}")
  endif()
endif()

foreach(_library torch_cpu c10 torch_cuda c10_cuda)
  unset(Libtorch_${_library} CACHE)
  find_library(Libtorch_${_library} ${_library} PATHS ${_libtorch_roots}
               PATH_SUFFIXES lib torch/lib NO_DEFAULT_PATH)
endforeach()
unset(Libtorch_INCLUDE_DIR CACHE)
find_path(Libtorch_INCLUDE_DIR ATen/ATen.h PATHS ${_libtorch_roots}
          PATH_SUFFIXES include torch/include NO_DEFAULT_PATH)

unset(Libtorch_VERSION)
foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(NOT Libtorch_VERSION AND EXISTS "${Libtorch_INCLUDE_DIR}/${_header}")
    file(STRINGS "${Libtorch_INCLUDE_DIR}/${_header}" _libtorch_lines
         REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
    string(REGEX MATCHALL "[0-9]+" Libtorch_VERSION "${_libtorch_lines}")
    list(JOIN Libtorch_VERSION "." Libtorch_VERSION)
  endif()
endforeach()

list(JOIN _libtorch_roots " and " _libtorch_places)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libtorch
  REQUIRED_VARS Libtorch_torch_cpu Libtorch_c10 Libtorch_INCLUDE_DIR
  VERSION_VAR Libtorch_VERSION
  REASON_FAILURE_MESSAGE
    "looked in ${_libtorch_places}. Run scripts/setup, or name a libtorch with -DTorch_ROOT=DIR")

if(NOT Libtorch_FOUND)
  return()
endif()

include(LibtorchCuda)  # Libtorch_CUDA, and what libtorch_cuda needs of CUDA

if(NOT TARGET Libtorch::libtorch)
  add_library(Libtorch::c10 SHARED IMPORTED)
  set_target_properties(Libtorch::c10 PROPERTIES IMPORTED_LOCATION "${Libtorch_c10}")
  add_library(Libtorch::libtorch SHARED IMPORTED)
  set_target_properties(Libtorch::libtorch PROPERTIES
    IMPORTED_LOCATION "${Libtorch_torch_cpu}"
    INTERFACE_INCLUDE_DIRECTORIES
      "${Libtorch_INCLUDE_DIR};${Libtorch_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_LINK_LIBRARIES Libtorch::c10)
  if(Libtorch_CUDA)
    libtorch_link_cuda(Libtorch::libtorch)
  endif()
endif()
