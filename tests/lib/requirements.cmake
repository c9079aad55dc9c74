wsspec_unit_test(lib_requirements requirements_test.c
  ws_conn_support OpenSSL::Crypto)
