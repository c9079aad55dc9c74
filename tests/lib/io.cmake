wsspec_unit_test(io_test ${CMAKE_CURRENT_LIST_DIR}/io_test.c ws_io
  PkgConfig::LIBUV)
target_include_directories(io_test PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/../../lib/io)
target_sources(io_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/loopback.c)
