# charrnn_embed(NAME FILE): a source, FILE.cpp in the binary folder, that holds a file's text as the
# std::string_view charrnn::NAME. The text may name the program's version: @PROJECT_VERSION@.
function(charrnn_embed EMBED_NAME file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} EMBED_TEXT)
  string(REPLACE "@PROJECT_VERSION@" "${PROJECT_VERSION}" EMBED_TEXT "${EMBED_TEXT}")
  configure_file(${CMAKE_SOURCE_DIR}/cmake/embedded.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${file}.cpp
                 @ONLY)
endfunction()
