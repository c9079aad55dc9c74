wsspec_unit_test(libws_peer_test
  ${CMAKE_CURRENT_LIST_DIR}/libws_peer_test.c wsc_drivers_libws ws_crypto)
