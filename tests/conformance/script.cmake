# The case host: what it refuses to load, and how it runs what it loads.
foreach(name IN ITEMS config_test host_deflate_test host_test host_load_test)
  wsspec_unit_test(${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.c
    wsc_script wsc_transports wsc_drivers_libws ws_crypto)
  target_sources(${name} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/host_support.c)
endforeach()

wsspec_unit_test(fault_cases_test
  ${CMAKE_CURRENT_LIST_DIR}/fault_cases_test.c wsc_script)
