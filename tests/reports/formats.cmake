add_library(formats_support STATIC
  ${CMAKE_CURRENT_LIST_DIR}/formats_support.c ${CMAKE_CURRENT_LIST_DIR}/poison.c)
target_include_directories(formats_support PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(formats_support PRIVATE
  GOLDEN_FOLDER="${CMAKE_CURRENT_LIST_DIR}/golden")
target_link_libraries(formats_support
  PUBLIC wsc_run_fixture report_formats
  PRIVATE wsspec_warnings PkgConfig::CMOCKA)

wsspec_unit_test(formats_golden_test
  ${CMAKE_CURRENT_LIST_DIR}/formats_golden_test.c formats_support)
