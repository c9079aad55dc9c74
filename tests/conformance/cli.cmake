# The pure parts of the command line, compiled from their source: the program
# is no library.
set(cli ${PROJECT_SOURCE_DIR}/conformance/cli)
foreach(name IN ITEMS select expectations options)
  wsspec_unit_test(${name}_test ${CMAKE_CURRENT_LIST_DIR}/${name}_test.c
    wsc_results ws_core)
  target_sources(${name}_test PRIVATE ${cli}/${name}.c)
  target_include_directories(${name}_test PRIVATE ${cli})
endforeach()

wsspec_unit_test(terminal_test ${CMAKE_CURRENT_LIST_DIR}/terminal_test.c
  wsc_script wsc_engine wsc_results)
target_sources(terminal_test PRIVATE ${cli}/terminal.c ${cli}/trace.c)
target_include_directories(terminal_test PRIVATE ${cli})
