# Part of FindLibtorch: whether libtorch's CUDA half is used, and how it is linked.
#
# CHARRNN_CUDA=AUTO takes it when all three are here: a CUDA toolkit (the one that scripts/setup
# puts beside libtorch_cuda, or an installed one), libtorch_cuda and a GPU. ON insists on the first
# two (a machine without a GPU can compile); OFF never looks.

set(Libtorch_CUDA OFF)
set(_cuda_lacks "")
if(CHARRNN_CUDA)
  cmake_path(GET Libtorch_torch_cpu PARENT_PATH _libtorch_lib)
  file(GLOB _wheel_cuda "${_libtorch_lib}/../../nvidia/cu*")
  find_package(CUDAToolkit QUIET)
  unset(Libtorch_CUDA_INCLUDE_DIR CACHE)
  find_path(Libtorch_CUDA_INCLUDE_DIR cuda_runtime_api.h
            PATHS ${_wheel_cuda} ${CUDAToolkit_INCLUDE_DIRS} PATH_SUFFIXES include NO_DEFAULT_PATH)
  unset(Libtorch_CUDART CACHE)
  find_library(Libtorch_CUDART NAMES cudart libcudart.so.13 libcudart.so.12 NAMES_PER_DIR
               PATHS ${_wheel_cuda} ${CUDAToolkit_LIBRARY_DIR} PATH_SUFFIXES lib lib64
               NO_DEFAULT_PATH)

  if(NOT Libtorch_torch_cuda OR NOT Libtorch_c10_cuda)
    list(APPEND _cuda_lacks "libtorch_cuda")
  endif()
  if(NOT Libtorch_CUDA_INCLUDE_DIR OR NOT Libtorch_CUDART)
    list(APPEND _cuda_lacks "a CUDA toolkit")
  endif()
  file(GLOB _gpus "/dev/nvidia[0-9]*")
  if(CHARRNN_CUDA STREQUAL "AUTO" AND NOT _gpus)
    list(APPEND _cuda_lacks "a GPU")
  endif()

  list(JOIN _cuda_lacks ", " _cuda_lacks)
  if(NOT _cuda_lacks)
    set(Libtorch_CUDA ON)
  elseif(NOT CHARRNN_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "CHARRNN_CUDA=${CHARRNN_CUDA}, but here is not: ${_cuda_lacks}")
  endif()
endif()

# Nothing refers to libtorch_cuda's symbols (it registers its kernels when it is loaded), so the
# linker must be told to keep it, and where PyPI put what it needs in turn.
function(libtorch_link_cuda target)
  cmake_path(GET Libtorch_torch_cuda PARENT_PATH torch_lib)
  file(GLOB rpath_links "${torch_lib}/../../nvidia/*/lib")
  list(TRANSFORM rpath_links PREPEND "LINKER:-rpath-link,")
  foreach(library torch_cuda c10_cuda)
    add_library(Libtorch::${library} SHARED IMPORTED)
    set_target_properties(Libtorch::${library} PROPERTIES
      IMPORTED_LOCATION "${Libtorch_${library}}")
  endforeach()
  set_property(TARGET ${target} APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES
    "${Libtorch_CUDA_INCLUDE_DIR}")
  set_property(TARGET ${target} APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS CHARRNN_WITH_CUDA)
  set_property(TARGET ${target} APPEND PROPERTY INTERFACE_LINK_OPTIONS ${rpath_links})
  set_property(TARGET ${target} APPEND PROPERTY INTERFACE_LINK_LIBRARIES
    "-Wl,--no-as-needed" Libtorch::torch_cuda "-Wl,--as-needed" Libtorch::c10_cuda
    "${Libtorch_CUDART}")
endfunction()
