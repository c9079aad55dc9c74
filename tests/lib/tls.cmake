# TLS, against OpenSSL itself and against itself.
set(here ${CMAKE_CURRENT_LIST_DIR})
foreach(test tls_handshake_test tls_stream_test tls_end_test tls_files_test)
  wsspec_unit_test(${test} ${here}/${test}.c ws_io OpenSSL::SSL)
  target_sources(${test} PRIVATE ${here}/tls_support.c ${here}/tls_certs.c
    ${here}/io_support.c ${here}/loopback.c)
endforeach()
