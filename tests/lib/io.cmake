foreach(test io_test io_loop_test io_watch_test)
  wsspec_unit_test(${test} ${CMAKE_CURRENT_LIST_DIR}/${test}.c ws_io
    PkgConfig::LIBUV)
  target_include_directories(${test} PRIVATE
    ${CMAKE_CURRENT_LIST_DIR}/../../lib/io)
  target_sources(${test} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/io_support.c
    ${CMAKE_CURRENT_LIST_DIR}/loopback.c)
endforeach()
