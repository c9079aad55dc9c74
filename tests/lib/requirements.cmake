# Requirements that no test of a single file shows.
wsspec_unit_test(lib_requirements requirements_test.c
  ws_conn_support OpenSSL::Crypto)
if(TARGET ws_websocket_support)
  wsspec_unit_test(lib_requirements_websocket requirements_websocket_test.c
    ws_websocket_support)
endif()
