wsspec_unit_test(process_test ${CMAKE_CURRENT_LIST_DIR}/process_test.c
  wsc_process)
