# What carries peers: TCP, the simulated network, the server.
set(here ${CMAKE_CURRENT_LIST_DIR})
wsspec_unit_test(net_test ${here}/net_test.c wsc_transports)
wsspec_unit_test(sim_test ${here}/sim_test.c wsc_transports)
wsspec_unit_test(serve_test ${here}/serve_test.c
  wsc_drivers_serve wsc_transports)
target_sources(net_test PRIVATE ${here}/../lib/loopback.c)
target_include_directories(net_test PRIVATE ${here}/../lib)
target_sources(sim_test PRIVATE ${here}/echo_peer.c)
target_sources(serve_test PRIVATE ${here}/echo_peer.c)
