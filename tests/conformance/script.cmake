# The case host: what it refuses to load, and how it runs what it loads.
wsspec_unit_test(host_test ${CMAKE_CURRENT_LIST_DIR}/host_test.c
  wsc_script wsc_transports wsc_drivers_libws ws_crypto)

wsspec_unit_test(fault_cases_test
  ${CMAKE_CURRENT_LIST_DIR}/fault_cases_test.c wsc_script)
