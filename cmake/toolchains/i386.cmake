# 32 bits, run by an amd64 kernel itself.
set(triplet i386-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc-12)
set(CMAKE_C_FLAGS_INIT -m32)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
