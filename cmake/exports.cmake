# cmake -DOUT=<file> -DHEADERS=<header>[,<header>...] -P cmake/exports.cmake
#
# Writes a linker version script that makes the functions declared in the public
# headers global, and everything else local: the headers are the only list of
# what a library exports. A declaration begins in column 0, as clang-format has
# it; tests/package compares the result with what a compiler reads.
cmake_minimum_required(VERSION 3.25)

string(REPLACE "," ";" HEADERS "${HEADERS}")
set(names "")
foreach(header IN LISTS HEADERS)
  file(STRINGS ${header} lines REGEX "^[a-z][a-z0-9_ *]*\\(|^ws_[a-z0-9_]+\\(")
  list(FILTER lines EXCLUDE REGEX "^(typedef|static) ")
  foreach(line IN LISTS lines)
    if(line MATCHES "(^|[ *])(ws_[a-z0-9_]+)\\(")
      list(APPEND names ${CMAKE_MATCH_2})
    endif()
  endforeach()
endforeach()
if(NOT names)
  message(FATAL_ERROR "no function is declared in ${HEADERS}")
endif()
list(SORT names)
set(text "{\n  global:\n")
foreach(name IN LISTS names)
  string(APPEND text "    ${name};\n")
endforeach()
file(WRITE ${OUT} "${text}  local:\n    *;\n};\n")
