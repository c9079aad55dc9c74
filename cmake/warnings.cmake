# One interface target carries the warnings; every target of ours links it.
add_library(wsspec_warnings INTERFACE)
target_compile_options(wsspec_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wformat=2
  $<$<BOOL:${WSSPEC_WERROR}>:-Werror>)
# libuv, clock_gettime and friends: POSIX.1-2008 on top of ISO C.
target_compile_definitions(wsspec_warnings INTERFACE _POSIX_C_SOURCE=200809L)
