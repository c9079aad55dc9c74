# With WSSPEC_FUZZ everything is instrumented for libFuzzer, and each target is
# built as fuzz_<target> too; `fuzz` builds those.
if(WSSPEC_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "WSSPEC_FUZZ needs clang: libFuzzer is a part of it")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link -fno-omit-frame-pointer)
  add_custom_target(fuzz)
endif()

add_custom_target(replay)

# wsspec_fuzz_target(<name> [LIBRARIES <target>...]): fuzz_<name>.c, as a program
# that replays, under ctest over what the corpus has for it, and as one that
# fuzzes.
function(wsspec_fuzz_target name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  add_library(fuzz_${name}_object OBJECT fuzz_${name}.c)
  target_link_libraries(fuzz_${name}_object
    PUBLIC ws_fuzz ${ARG_LIBRARIES} PRIVATE wsspec_warnings)
  add_executable(replay_${name} replay.c)
  target_link_libraries(replay_${name}
    PRIVATE fuzz_${name}_object wsspec_warnings)
  add_dependencies(replay replay_${name})
  wsspec_fuzz_folders(${name} folders)
  add_test(NAME replay_${name} COMMAND replay_${name} ${folders})
  set_tests_properties(replay_${name} PROPERTIES TIMEOUT 60)
  if(CMAKE_CROSSCOMPILING_EMULATOR)
    set_tests_properties(replay_${name} PROPERTIES TIMEOUT 400)
  endif()
  if(WSSPEC_FUZZ)
    add_executable(fuzz_${name} $<TARGET_OBJECTS:fuzz_${name}_object>)
    target_link_libraries(fuzz_${name} PRIVATE ws_fuzz ${ARG_LIBRARIES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz fuzz_${name})
  endif()
endfunction()

# A target has seeds; it has more once script/fuzz reached or found something.
function(wsspec_fuzz_folders name result)
  set(corpus ${PROJECT_SOURCE_DIR}/corpus)
  file(GLOB found CONFIGURE_DEPENDS ${corpus}/found/* ${corpus}/regress/*)
  set(folders ${corpus}/${name})
  foreach(kind IN ITEMS found regress)
    if(${corpus}/${kind}/${name} IN_LIST found)
      list(APPEND folders ${corpus}/${kind}/${name})
    endif()
  endforeach()
  set(${result} ${folders} PARENT_SCOPE)
endfunction()
