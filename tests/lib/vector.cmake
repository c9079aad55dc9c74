# The vector paths against the portable ones.
wsspec_unit_test(lib_vector vector_test.c ws_core)
