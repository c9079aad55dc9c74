# The browser-shaped WebSocket, and what it asks of the connection.
wsspec_unit_test(lib_conn_owner conn_owner_test.c ws_conn_support)
