# charrnn_embed(NAME FILE): a source, FILE.cpp in the binary folder, that holds a file's text as the
# std::string_view charrnn::NAME. The text may name the program's version, @PROJECT_VERSION@, and take
# in another file, named from its own folder: @include FILE@.
function(charrnn_embed EMBED_NAME file)
  file(READ ${file} EMBED_TEXT)
  cmake_path(GET file PARENT_PATH folder)
  string(REGEX MATCHALL "@include [^@]+@" includes "${EMBED_TEXT}")
  set(files ${file})
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "@include ([^@]+)@" "${folder}/\\1" included "${include}")
    cmake_path(ABSOLUTE_PATH included NORMALIZE)
    file(READ ${included} text)
    string(REPLACE "${include}" "${text}" EMBED_TEXT "${EMBED_TEXT}")
    list(APPEND files ${included})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  string(REPLACE "@PROJECT_VERSION@" "${PROJECT_VERSION}" EMBED_TEXT "${EMBED_TEXT}")
  configure_file(${CMAKE_SOURCE_DIR}/cmake/embedded.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${file}.cpp
                 @ONLY)
endfunction()
