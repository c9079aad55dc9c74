# Programs under test on this machine.
find_package(Threads REQUIRED)
add_library(wsc_process STATIC ${CMAKE_CURRENT_LIST_DIR}/process.c
  ${CMAKE_CURRENT_LIST_DIR}/usage.c)
target_include_directories(wsc_process PUBLIC ${CMAKE_CURRENT_LIST_DIR}
  ${CMAKE_CURRENT_LIST_DIR}/../engine)
target_link_libraries(wsc_process PRIVATE Threads::Threads wsspec_warnings)
