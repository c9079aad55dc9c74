# cmake -DROOT=<tree> -P cmake/layering.cmake
#
# Checks every #include of lib/, conformance/, reports/, examples/ and fuzz/ against
# the arrows of docs/architecture.md. An arrow that is not in the tables below is a defect:
# either the include is, or the architecture changes and the table with it.
cmake_minimum_required(VERSION 3.25)

# Who may include our own headers of whom, besides its own.
set(arrows_lib/core)
set(arrows_lib/crypto lib/core)
set(arrows_lib/deflate lib/core)
set(arrows_lib/io)
set(arrows_lib/websocket lib/core lib/crypto lib/deflate lib/io)
set(arrows_conformance/model)
set(arrows_conformance/engine lib/core lib/io conformance/model)
set(arrows_conformance/script conformance/engine conformance/model lib/core)
set(arrows_conformance/drivers
  conformance/engine conformance/model lib/core lib/crypto lib/deflate lib/io)
set(arrows_conformance/faults
  conformance/engine conformance/model lib/core)
set(arrows_conformance/results conformance/model)
set(arrows_conformance/cli
  conformance/engine conformance/script conformance/drivers conformance/faults
  conformance/results conformance/model reports
  lib/core lib/crypto lib/io lib/websocket)
set(arrows_reports conformance/results conformance/model)
# What people copy stands on the public headers alone.
set(arrows_examples lib/core lib/crypto lib/deflate lib/io lib/websocket)
# What judges is written from the RFCs alone, and knows nothing of what it judges.
set(arrows_fuzz/reference)
set(arrows_fuzz fuzz/reference lib/core lib/crypto lib/deflate
  conformance/engine conformance/results conformance/model reports)

# Slices, status values and the allocator: the words that all of lib/ shares.
set(owner_ws/types.h lib/types)
foreach(layer
    lib/core lib/crypto lib/deflate lib/io lib/websocket conformance/engine
    conformance/script conformance/drivers conformance/faults conformance/cli
    examples fuzz)
  list(APPEND arrows_${layer} lib/types)
endforeach()

# The instrument must not inherit the reference's policy: only what drives libws
# as a peer, or is libws, knows ws_conn.
set(only_ws/conn.h
  lib/core lib/deflate lib/websocket conformance/drivers examples fuzz)

# Headers from outside: who may include them.
set(only_lua.h conformance/script)
set(only_lauxlib.h conformance/script)
set(only_lualib.h conformance/script)
set(only_uv.h lib/io)
set(only_jansson.h conformance/results conformance/cli reports fuzz)
set(only_zlib.h lib/deflate conformance/engine conformance/faults reports)
set(only_openssl lib/crypto lib/io)
# No clock, no standard streams, no sockets, no errno where the protocol is.
foreach(header errno.h stdio.h time.h signal.h pthread.h unistd.h fcntl.h sys)
  set(not_${header} lib/core lib/deflate)
endforeach()

set(libc
  assert.h ctype.h errno.h fcntl.h float.h fnmatch.h getopt.h inttypes.h limits.h math.h pthread.h
  signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h
  stdlib.h stdnoreturn.h string.h strings.h time.h unistd.h sys arpa netinet
  net netdb.h poll.h spawn.h dirent.h immintrin.h arm_neon.h)
set(libraries
  lua.h lauxlib.h lualib.h uv.h jansson.h zlib.h openssl)

# Where a public header of lib/include/ws belongs when it is not lib/core's.
set(owner_ws/io.h lib/io)
set(owner_ws/tls.h lib/io)
set(owner_ws/deflate.h lib/deflate)
set(owner_ws/blob.h lib/websocket)
set(owner_ws/websocket.h lib/websocket)
set(owner_ws/server.h lib/websocket)

# Headers that the build writes: the folder that they belong to.
set(generated_csp.h reports)

set(violations "")

macro(violation file text)
  list(APPEND violations "${file}: ${text}")
endmacro()

# The layer of a source file, by its path in the tree.
function(layer_of path result)
  set(layer "")
  if(path MATCHES "^lib/include/(ws/.*)$")
    set(layer lib/core)
    if(DEFINED owner_${CMAKE_MATCH_1})
      set(layer ${owner_${CMAKE_MATCH_1}})
    endif()
  elseif(path MATCHES "^((lib|conformance|fuzz)/[^/]+)/")
    set(layer ${CMAKE_MATCH_1})
  elseif(path MATCHES "^(reports|examples|fuzz)/")
    set(layer ${CMAKE_MATCH_1})
  endif()
  set(${result} "${layer}" PARENT_SCOPE)
endfunction()

# The path in the tree that `include` in `from` means; "" when there is none.
# Include paths are flat but for lib/, so that a name must be unique there.
function(resolve from include result)
  set(found "")
  cmake_path(GET from PARENT_PATH folder)
  cmake_path(APPEND folder "${include}" OUTPUT_VARIABLE beside)
  cmake_path(NORMAL_PATH beside)
  if(beside IN_LIST headers)
    set(found ${beside})
  elseif("lib/include/${include}" IN_LIST headers)
    set(found lib/include/${include})
  elseif("lib/${include}" IN_LIST headers)
    set(found lib/${include})
  else()
    foreach(header IN LISTS headers)
      if(header MATCHES "^(conformance|reports|fuzz)/" AND header MATCHES "/[^/]+$")
        string(LENGTH "/${include}" length)
        string(LENGTH "${header}" whole)
        math(EXPR at "${whole} - ${length}")
        if(at GREATER 0)
          string(SUBSTRING "${header}" ${at} -1 tail)
          if(tail STREQUAL "/${include}")
            list(APPEND found ${header})
          endif()
        endif()
      endif()
    endforeach()
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

function(check_own file layer include)
  if(DEFINED generated_${include} AND generated_${include} STREQUAL layer)
    return()
  endif()
  resolve(${file} ${include} found)
  list(LENGTH found count)
  if(count EQUAL 0)
    violation(${file} "\"${include}\" is in no folder of the tree")
  elseif(count GREATER 1)
    list(JOIN found " and " all)
    violation(${file} "\"${include}\" is ambiguous: ${all}")
  else()
    layer_of(${found} other)
    if(NOT other STREQUAL layer AND NOT other IN_LIST arrows_${layer})
      violation(${file} "${layer} must not know ${other} (\"${include}\")")
    endif()
    if(DEFINED only_${include} AND NOT layer IN_LIST only_${include})
      violation(${file} "${layer} must not include \"${include}\"")
    endif()
    if(layer STREQUAL examples AND found MATCHES "^lib/[^/]+/[^/]+$")
      violation(${file} "\"${include}\" is no public header")
    endif()
  endif()
  set(violations "${violations}" PARENT_SCOPE)
endfunction()

function(check_system file layer include)
  # <openssl/evp.h> and <sys/stat.h> are judged by their folder.
  string(REGEX REPLACE "/.*" "" name "${include}")
  if(NOT name IN_LIST libc AND NOT name IN_LIST libraries)
    violation(${file} "<${include}> is neither libc nor a library we depend on")
  endif()
  if(DEFINED only_${name} AND NOT layer IN_LIST only_${name})
    violation(${file} "${layer} must not include <${include}>")
  endif()
  if(DEFINED not_${name} AND layer IN_LIST not_${name})
    violation(${file} "${layer} must not include <${include}>")
  endif()
  set(violations "${violations}" PARENT_SCOPE)
endfunction()

function(check_file file)
  layer_of(${file} layer)
  if(NOT layer STREQUAL reports AND NOT DEFINED arrows_${layer})
    # A variable that is set to nothing is not defined: the leaves.
    if(NOT layer MATCHES "^(lib/types|conformance/model|fuzz/reference)$")
      violation(${file} "no arrows are known of this folder")
    endif()
  endif()
  file(STRINGS ${ROOT}/${file} lines REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS lines)
    if(line MATCHES "include[ \t]*\"([^\"]+)\"")
      check_own(${file} ${layer} ${CMAKE_MATCH_1})
    elseif(line MATCHES "include[ \t]*<([^>]+)>")
      check_system(${file} ${layer} ${CMAKE_MATCH_1})
    else()
      violation(${file} "cannot read: ${line}")
    endif()
  endforeach()
  set(violations "${violations}" PARENT_SCOPE)
endfunction()

if(NOT ROOT)
  message(FATAL_ERROR "usage: cmake -DROOT=<tree> -P layering.cmake")
endif()
file(GLOB_RECURSE headers RELATIVE ${ROOT}
  ${ROOT}/lib/*.h ${ROOT}/lib/*.def
  ${ROOT}/conformance/*.h ${ROOT}/conformance/*.def ${ROOT}/reports/*.h
  ${ROOT}/examples/*.h ${ROOT}/fuzz/*.h)
file(GLOB_RECURSE sources RELATIVE ${ROOT}
  ${ROOT}/lib/*.c ${ROOT}/conformance/*.c ${ROOT}/reports/*.c
  ${ROOT}/examples/*.c ${ROOT}/fuzz/*.c)
# The peers of conformance/peers are not ours, and share nothing with us.
list(FILTER sources EXCLUDE REGEX "^conformance/peers/")
list(FILTER headers EXCLUDE REGEX "/node_modules/")
list(FILTER sources EXCLUDE REGEX "/node_modules/")
if(NOT sources)
  message(FATAL_ERROR "no sources under ${ROOT}: nothing was checked")
endif()
foreach(file IN LISTS sources headers)
  check_file(${file})
endforeach()

list(LENGTH violations num_violations)
list(LENGTH sources num_sources)
list(LENGTH headers num_headers)
if(num_violations)
  list(JOIN violations "\n  " text)
  message(FATAL_ERROR "${num_violations} includes break the layers:\n  ${text}")
endif()
message(STATUS "${num_sources} sources and ${num_headers} headers keep the layers")
