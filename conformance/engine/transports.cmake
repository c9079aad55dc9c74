# The two worlds that the engine can live in: TCP, and the simulated network.
# A target of its own, so that nothing but them depends on the event loop.
add_library(wsc_transports STATIC
  ${CMAKE_CURRENT_LIST_DIR}/net.c
  ${CMAKE_CURRENT_LIST_DIR}/pipe.c
  ${CMAKE_CURRENT_LIST_DIR}/sim.c
  ${CMAKE_CURRENT_LIST_DIR}/sim_stream.c)
target_include_directories(wsc_transports PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(wsc_transports
  PUBLIC ws_io wsc_model PRIVATE wsspec_warnings)
