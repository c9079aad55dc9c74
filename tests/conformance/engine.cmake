# The engine: the model of an outcome, the session, the grading rules, the
# scheduler; driven by octets and a virtual clock.
set(here ${CMAKE_CURRENT_LIST_DIR})
add_library(wsc_engine_support STATIC ${here}/engine_support.c)
target_include_directories(wsc_engine_support PUBLIC ${here})
target_link_libraries(wsc_engine_support
  PUBLIC wsc_engine
  PRIVATE wsspec_warnings PkgConfig::CMOCKA)

foreach(name IN ITEMS
    arena_test autobahn_test chop_test outcome_test rng_test request_test session_test testee_test
    expect_message_test expect_close_test expect_failed_test expect_other_test
    scheduler_test scheduler_end_test scheduler_load_test)
  wsspec_unit_test(${name} ${here}/${name}.c wsc_engine_support ws_crypto)
endforeach()
# permessage-deflate; the inflater is judged by zlib and by the reference.
foreach(name IN ITEMS deflate_test inflate_test session_deflate_test)
  wsspec_unit_test(${name} ${here}/${name}.c wsc_engine_support ws_crypto ws_reference
    ZLIB::ZLIB)
endforeach()
foreach(name IN ITEMS scheduler_test scheduler_end_test scheduler_load_test)
  target_sources(${name} PRIVATE ${here}/scheduler_support.c)
endforeach()
