# URLs of ws and wss.
wsspec_unit_test(lib_url url_test.c ws_core)
