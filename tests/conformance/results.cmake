add_library(wsc_run_fixture STATIC ${CMAKE_CURRENT_SOURCE_DIR}/run_fixture.c)
target_include_directories(wsc_run_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(wsc_run_fixture PUBLIC wsc_results
  PRIVATE wsspec_warnings)

wsspec_unit_test(results_strbuf_test
  ${CMAKE_CURRENT_SOURCE_DIR}/results_strbuf_test.c wsc_results)
wsspec_unit_test(results_requirements_test
  ${CMAKE_CURRENT_SOURCE_DIR}/results_requirements_test.c wsc_results)
wsspec_unit_test(results_run_test
  ${CMAKE_CURRENT_SOURCE_DIR}/results_run_test.c wsc_run_fixture)
wsspec_unit_test(results_read_test
  ${CMAKE_CURRENT_SOURCE_DIR}/results_read_test.c wsc_run_fixture)
wsspec_unit_test(results_merge_test
  ${CMAKE_CURRENT_LIST_DIR}/results_merge_test.c wsc_run_fixture)
wsspec_unit_test(results_diff_test
  ${CMAKE_CURRENT_LIST_DIR}/results_diff_test.c wsc_run_fixture)
