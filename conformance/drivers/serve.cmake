# Serves any peer that lives in memory over TCP.
add_library(wsc_drivers_serve STATIC
  ${CMAKE_CURRENT_LIST_DIR}/serve.c ${CMAKE_CURRENT_LIST_DIR}/served.c)
target_include_directories(wsc_drivers_serve PUBLIC
  ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/../engine)
target_link_libraries(wsc_drivers_serve
  PUBLIC ws_headers PRIVATE ws_io wsspec_warnings)
