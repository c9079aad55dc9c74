# What is installed of libws, in components; each needs those before it that it
# names. The layers' own targets (ws_core, ...) are for this tree: they let
# white-box tests reach internal functions. Their objects, built once, go into
# the static and the shared library of a component.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libws_include ${CMAKE_CURRENT_LIST_DIR}/include)
set(libws_built "")

# libws_component(<component> FILE <library> DESCRIPTION <text>
#   LAYERS <target>... EXPORTS <header>... MAN <page>... [HEADERS <header>...]
#   [NEEDS <component>...] [BORROWS <source>...] [LINK <target>...]
#   [REQUIRES_PRIVATE <module>...])
# The functions declared in EXPORTS are the library's. HEADERS come with it and
# declare none of them. BORROWS are files of lib/core whose functions no shared
# library exports: this one has a copy.
function(libws_component component)
  cmake_parse_arguments(ARG "" "FILE;DESCRIPTION"
    "LAYERS;EXPORTS;HEADERS;MAN;NEEDS;BORROWS;LINK;REQUIRES_PRIVATE" ${ARGN})
  list(TRANSFORM ARG_LAYERS REPLACE "^(.+)$" "$<TARGET_OBJECTS:\\1>"
    OUTPUT_VARIABLE objects)
  add_library(libws_${component}_static STATIC ${objects})
  set_target_properties(libws_${component}_static PROPERTIES
    OUTPUT_NAME ${ARG_FILE} LINKER_LANGUAGE C)
  install(TARGETS libws_${component}_static
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libws-dev)
  list(TRANSFORM ARG_EXPORTS PREPEND ${libws_include}/ws/)
  if(LIBWS_SHARED)
    libws_shared("${objects}")
  endif()
  list(TRANSFORM ARG_HEADERS PREPEND ${libws_include}/ws/)
  install(FILES ${ARG_EXPORTS} ${ARG_HEADERS}
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ws COMPONENT libws-dev)
  libws_pkgconfig()
  foreach(page IN LISTS ARG_MAN)
    libws_man(${page})
  endforeach()
  set(libws_built ${libws_built} ${component} PARENT_SCOPE)
endfunction()

# The shared library of the component whose arguments are in ARG_*.
function(libws_shared objects)
  set(target libws_${component}_shared)
  set(map ${CMAKE_CURRENT_BINARY_DIR}/${ARG_FILE}.map)
  list(JOIN ARG_EXPORTS "," headers)
  add_custom_command(OUTPUT ${map}
    COMMAND ${CMAKE_COMMAND} -DOUT=${map} -DHEADERS=${headers}
      -P ${PROJECT_SOURCE_DIR}/cmake/exports.cmake
    DEPENDS ${ARG_EXPORTS} ${PROJECT_SOURCE_DIR}/cmake/exports.cmake
    VERBATIM)
  if(ARG_BORROWS)
    list(JOIN ARG_BORROWS "|" borrows)
    list(APPEND objects
      "$<FILTER:$<TARGET_OBJECTS:ws_core>,INCLUDE,/(${borrows})\\.c>")
  endif()
  add_library(${target} SHARED ${objects} ${map})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${ARG_FILE} LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LINK_DEPENDS ${map} INSTALL_RPATH "$ORIGIN")
  target_link_options(${target} PRIVATE
    LINKER:--version-script=${map} LINKER:--as-needed LINKER:-z,defs)
  list(TRANSFORM ARG_NEEDS REPLACE "^(.+)$" "libws_\\1_shared")
  target_link_libraries(${target} PRIVATE ${ARG_NEEDS} ${ARG_LINK})
  install(TARGETS ${target}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libws
    NAMELINK_COMPONENT libws-dev)
endfunction()

# The pkg-config module, as a prefix that may be moved.
function(libws_pkgconfig)
  set(requires "")
  foreach(need IN LISTS ARG_NEEDS)
    list(APPEND requires "libws-${need} = ${PROJECT_VERSION}")
  endforeach()
  list(JOIN requires ", " requires)
  list(JOIN ARG_REQUIRES_PRIVATE ", " requires_private)
  cmake_path(SET folder NORMALIZE "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  file(RELATIVE_PATH up /${folder} /)
  string(REGEX REPLACE "/$" "" up "${up}")
  string(REPLACE ws libws module ${ARG_FILE})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/libws.pc.in
    ${CMAKE_CURRENT_BINARY_DIR}/${module}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${module}.pc
    DESTINATION ${folder} COMPONENT libws-dev)
endfunction()

# A manual page, and one that leads to it for each further name it has.
function(libws_man page)
  set(source ${CMAKE_CURRENT_LIST_DIR}/man/${page})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  cmake_path(GET page EXTENSION LAST_ONLY section)
  string(SUBSTRING ${section} 1 -1 section)
  set(pages ${source})
  file(STRINGS ${source} names REGEX "^\\.Nm [a-z]")
  foreach(line IN LISTS names)
    string(REGEX REPLACE "^\\.Nm ([a-z0-9_]+).*$" "\\1" name "${line}")
    if(NOT "${name}.${section}" STREQUAL page)
      set(alias ${CMAKE_CURRENT_BINARY_DIR}/man/${name}.${section})
      file(WRITE ${alias} ".so man${section}/${page}\n")
      list(APPEND pages ${alias})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES pages)
  install(FILES ${pages}
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT libws-dev)
endfunction()

libws_component(core FILE ws-core
  DESCRIPTION "WebSocket protocol (RFC 6455) without I/O"
  LAYERS ws_core
  EXPORTS base64.h close.h conn.h fault.h frame.h grammar.h handshake.h http.h
    mask.h types.h url.h utf8.h
  HEADERS crypto.h
  MAN libws.7 ws_conn.3 ws_frame.3 ws_handshake.3 ws_http.3 ws_types.3 ws_url.3)
if(TARGET ws_crypto)
  libws_component(crypto FILE ws-crypto
    DESCRIPTION "What libws-core asks of a crypto library, on OpenSSL"
    LAYERS ws_crypto EXPORTS crypto.h MAN ws_crypto.3 NEEDS core
    LINK OpenSSL::Crypto REQUIRES_PRIVATE libcrypto)
endif()
if(TARGET ws_deflate)
  libws_component(deflate FILE ws-deflate
    DESCRIPTION "WebSocket compression (RFC 7692) for libws-core"
    LAYERS ws_deflate EXPORTS deflate.h MAN ws_deflate.3 NEEDS core
    LINK ZLIB::ZLIB REQUIRES_PRIVATE zlib)
endif()
if(TARGET ws_websocket)
  libws_component(websocket FILE ws
    DESCRIPTION "WebSockets as browsers have them, client and server"
    LAYERS ws_io ws_websocket
    EXPORTS blob.h io.h server.h tls.h websocket.h
    MAN ws_blob.3 ws_io.3 ws_server.3 ws_tls.3 ws_websocket.3
    NEEDS core crypto deflate BORROWS buffer LINK PkgConfig::LIBUV OpenSSL::SSL
    REQUIRES_PRIVATE libuv libssl libcrypto)
endif()

set(libws_folder ${CMAKE_INSTALL_LIBDIR}/cmake/libws)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/libws-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/libws-config.cmake
  INSTALL_DESTINATION ${libws_folder}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/libws-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libws-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/libws-config-version.cmake
  DESTINATION ${libws_folder} COMPONENT libws-dev)
