# The common part: the libraries of another architecture, unpacked from Debian's
# packages by script/cross into a folder that CROSS_ROOT names. Before it is
# included, `triplet` is set.
set(CROSS_ROOT "" CACHE PATH "Where script/cross has unpacked the packages")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CROSS_ROOT)
if(NOT CROSS_ROOT)
  message(FATAL_ERROR "CROSS_ROOT is not set: use script/cross")
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
list(APPEND CMAKE_FIND_ROOT_PATH ${CROSS_ROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
string(APPEND CMAKE_C_FLAGS_INIT
  " -isystem ${CROSS_ROOT}/usr/include/${triplet}")
# Modules of this machine's own architecture must not be found.
set(ENV{PKG_CONFIG_LIBDIR} ${CROSS_ROOT}/usr/lib/${triplet}/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CROSS_ROOT})
