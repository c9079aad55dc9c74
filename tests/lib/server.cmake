# Blobs, and the server's side of the browser-shaped WebSocket.
if(NOT TARGET ws_deflate)
  return()
endif()
wsspec_unit_test(lib_blob blob_test.c ws_websocket ws_failmalloc)
