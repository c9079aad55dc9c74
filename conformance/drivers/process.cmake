# Programs under test on this machine.
find_package(Threads REQUIRED)
add_library(wsc_process STATIC ${CMAKE_CURRENT_LIST_DIR}/process.c)
target_include_directories(wsc_process PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(wsc_process PRIVATE Threads::Threads wsspec_warnings)
