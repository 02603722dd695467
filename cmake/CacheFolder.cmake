# charrnn_cache_folder(<out>): the per-user folder that scripts/setup fills, whether or not it
# exists. Needs no environment: without XDG_CACHE_HOME and HOME it asks the user database.
function(charrnn_cache_folder out)
  set(base "$ENV{XDG_CACHE_HOME}")
  if(NOT base)
    set(home "$ENV{HOME}")
    if(NOT home)
      execute_process(COMMAND sh -c "getent passwd \"$(id -u)\" | cut -d: -f6"
                      OUTPUT_VARIABLE home OUTPUT_STRIP_TRAILING_WHITESPACE)
    endif()
    set(base "${home}/.cache")
  endif()
  set(${out} "${base}/charrnn_pipeline" PARENT_SCOPE)
endfunction()
