if(WSSPEC_SANITIZE)
  add_compile_options(-fsanitize=${WSSPEC_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WSSPEC_SANITIZE})
endif()
# WSSPEC_COVERAGE: ON for gcov's, "llvm" for clang's, which counts branches and
# the conditions of decisions (MC/DC) in the source.
if(WSSPEC_COVERAGE STREQUAL llvm)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping
    -fcoverage-mcdc -O0)
  add_link_options(-fprofile-instr-generate)
elseif(WSSPEC_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()
