# The big-endian one.
set(triplet s390x-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_C_COMPILER ${triplet}-gcc)
set(CMAKE_FIND_ROOT_PATH /usr/${triplet})
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-s390x;-L;/usr/${triplet})
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
