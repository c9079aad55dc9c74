# What carries peers: TCP, the simulated network, the server.
set(here ${CMAKE_CURRENT_LIST_DIR})
wsspec_unit_test(net_test ${here}/net_test.c wsc_transports)
wsspec_unit_test(serve_test ${here}/serve_test.c
  wsc_drivers_serve wsc_transports)
target_sources(net_test PRIVATE ${here}/../lib/loopback.c)
target_include_directories(net_test PRIVATE ${here}/../lib)
target_sources(serve_test PRIVATE ${here}/echo_peer.c)
wsspec_unit_test(tls_transport_test ${here}/tls_transport_test.c
  wsc_drivers_serve wsc_transports OpenSSL::SSL)
target_include_directories(tls_transport_test PRIVATE ${here}/../lib)
target_sources(tls_transport_test PRIVATE ${here}/echo_peer.c
  ${here}/../lib/loopback.c ${here}/../lib/tls_certs.c)
foreach(name IN ITEMS sim_test sim_end_test)
  wsspec_unit_test(${name} ${here}/${name}.c wsc_transports)
  target_sources(${name} PRIVATE ${here}/sim_support.c ${here}/echo_peer.c)
endforeach()
