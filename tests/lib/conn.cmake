# The opening handshake and the connection.
add_library(ws_conn_support STATIC conn_support.c)
target_include_directories(ws_conn_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(ws_conn_support
  PUBLIC ws_core ws_crypto PkgConfig::CMOCKA PRIVATE wsspec_warnings)

wsspec_unit_test(lib_handshake handshake_test.c ws_conn_support)
wsspec_unit_test(lib_conn conn_test.c ws_conn_support)
wsspec_unit_test(lib_conn_fault conn_fault_test.c ws_conn_support)
wsspec_unit_test(lib_conn_opening conn_opening_test.c ws_conn_support)
wsspec_unit_test(lib_conn_pipe conn_pipe_test.c ws_conn_support)
wsspec_unit_test(lib_conn_failmalloc conn_failmalloc_test.c
  ws_conn_support ws_failmalloc)
wsspec_unit_test(lib_conn_memory conn_memory_test.c
  ws_conn_support ws_failmalloc)

add_library(ws_transcript STATIC transcript.c)
target_link_libraries(ws_transcript PUBLIC ws_conn_support
  PRIVATE wsspec_warnings)
wsspec_unit_test(lib_transcript transcript_test.c ws_transcript)
target_compile_definitions(lib_transcript PRIVATE
  GOLDEN_DIR="${CMAKE_CURRENT_SOURCE_DIR}/../golden")
