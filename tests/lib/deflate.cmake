# permessage-deflate, and the inflater that judges it (fuzz/reference).
add_library(ws_deflate_support STATIC
  ${CMAKE_CURRENT_LIST_DIR}/deflate_support.c)
target_include_directories(ws_deflate_support PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(ws_deflate_support
  PUBLIC ws_deflate ws_failmalloc ws_reference PRIVATE wsspec_warnings)

foreach(name IN ITEMS negotiate codec window)
  wsspec_unit_test(lib_deflate_${name}
    ${CMAKE_CURRENT_LIST_DIR}/deflate_${name}_test.c ws_deflate_support)
endforeach()

add_library(ws_deflate_conn STATIC ${CMAKE_CURRENT_LIST_DIR}/deflate_conn.c)
target_link_libraries(ws_deflate_conn
  PUBLIC ws_deflate_support ws_conn_support PRIVATE wsspec_warnings)
foreach(name IN ITEMS conn pipe)
  wsspec_unit_test(lib_deflate_${name}
    ${CMAKE_CURRENT_LIST_DIR}/deflate_${name}_test.c ws_deflate_conn)
endforeach()
# The same with the codec compiled for short slices: messages of gigabytes, in
# the small.
set(deflate_sources "")
foreach(name IN ITEMS compress decompress transform)
  list(APPEND deflate_sources
    ${CMAKE_CURRENT_LIST_DIR}/../../lib/deflate/${name}.c)
endforeach()
wsspec_unit_test(lib_deflate_slices
  ${CMAKE_CURRENT_LIST_DIR}/deflate_zlib_test.c ws_deflate_support ZLIB::ZLIB)
target_sources(lib_deflate_slices PRIVATE ${deflate_sources})
target_compile_definitions(lib_deflate_slices PRIVATE WS_DEFLATE_SLICE=7U)
wsspec_unit_test(lib_deflate_zlib
  ${CMAKE_CURRENT_LIST_DIR}/deflate_zlib_test.c ws_deflate_support ZLIB::ZLIB)
