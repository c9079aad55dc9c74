# The browser-shaped WebSocket, and what it asks of the connection.
wsspec_unit_test(lib_conn_owner conn_owner_test.c ws_conn_support)

# ws_websocket stands on all the rest of the library.
if(TARGET ws_deflate)
  add_library(ws_websocket_support STATIC websocket_support.c loopback.c)
  target_include_directories(ws_websocket_support
    PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(ws_websocket_support
    PUBLIC ws_websocket ws_failmalloc PRIVATE wsspec_warnings)
  foreach(name IN ITEMS close connect deflate event life message random send tls)
    wsspec_unit_test(lib_websocket_${name} websocket_${name}_test.c
      ws_websocket_support)
  endforeach()
  target_sources(lib_websocket_tls PRIVATE tls_certs.c)
  target_link_libraries(lib_websocket_tls PRIVATE OpenSSL::SSL)
endif()
