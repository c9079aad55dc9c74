if(WSSPEC_SANITIZE)
  add_compile_options(-fsanitize=${WSSPEC_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WSSPEC_SANITIZE})
endif()
if(WSSPEC_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()
