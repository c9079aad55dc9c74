add_library(formats_support STATIC
  ${CMAKE_CURRENT_LIST_DIR}/formats_support.c ${CMAKE_CURRENT_LIST_DIR}/poison.c
  ${CMAKE_CURRENT_LIST_DIR}/wire_fixture.c)
target_include_directories(formats_support PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(formats_support PRIVATE
  GOLDEN_FOLDER="${CMAKE_CURRENT_LIST_DIR}/golden")
target_link_libraries(formats_support
  PUBLIC wsc_run_fixture report_formats
  PRIVATE wsspec_warnings PkgConfig::CMOCKA)

wsspec_unit_test(formats_golden_test
  ${CMAKE_CURRENT_LIST_DIR}/formats_golden_test.c formats_support)

add_executable(render_formats ${CMAKE_CURRENT_LIST_DIR}/render_formats.c)
target_link_libraries(render_formats PRIVATE wsspec_warnings formats_support)

foreach(which run matrix hostile wire)
  add_test(NAME formats.${which} COMMAND ${CMAKE_COMMAND}
    -DRENDER=$<TARGET_FILE:render_formats> -DPYTHON=${WSSPEC_PYTHON}
    -DCHECK=${CMAKE_CURRENT_LIST_DIR}/check_formats.py -DWHICH=${which}
    -DOUT=${CMAKE_CURRENT_BINARY_DIR}/formats-${which}
    -P ${CMAKE_CURRENT_LIST_DIR}/render_formats.cmake)
  set_tests_properties(formats.${which} PROPERTIES
    TIMEOUT 120 SKIP_REGULAR_EXPRESSION "is not installed: SKIPPED")
endforeach()

wsspec_unit_test(formats_test
  ${CMAKE_CURRENT_LIST_DIR}/formats_test.c formats_support)
