wsspec_unit_test(faulty_test
  ${CMAKE_CURRENT_SOURCE_DIR}/faulty_test.c wsc_faults ws_core)
target_sources(faulty_test PRIVATE
  ${CMAKE_CURRENT_SOURCE_DIR}/faulty_support.c)
target_compile_definitions(faulty_test PRIVATE
  WSC_REQUIREMENTS_CSV="${PROJECT_SOURCE_DIR}/conformance/requirements/requirements.csv")
wsspec_unit_test(faulty_deflate_test
  ${CMAKE_CURRENT_SOURCE_DIR}/faulty_deflate_test.c wsc_faults ws_core)
target_sources(faulty_deflate_test PRIVATE
  ${CMAKE_CURRENT_SOURCE_DIR}/faulty_support.c)
