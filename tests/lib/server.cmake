# Blobs, and the server's side of the browser-shaped WebSocket.
wsspec_unit_test(lib_blob blob_test.c ws_websocket ws_failmalloc)

add_library(ws_server_support STATIC server_support.c)
target_link_libraries(ws_server_support
  PUBLIC ws_websocket ws_failmalloc PRIVATE wsspec_warnings)
foreach(name IN ITEMS opening answer end load deflate tls)
  wsspec_unit_test(lib_server_${name} server_${name}_test.c ws_server_support)
  target_sources(lib_server_${name} PRIVATE loopback.c)
endforeach()
target_sources(lib_server_tls PRIVATE tls_certs.c)
target_link_libraries(lib_server_tls PRIVATE OpenSSL::SSL)

# Client and server together.
wsspec_unit_test(lib_whole whole_test.c ws_websocket OpenSSL::SSL)
target_sources(lib_whole PRIVATE loopback.c tls_certs.c)
