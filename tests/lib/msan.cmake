# Under MemorySanitizer, what libraries write has to be told (msan_libraries.c).
set(wraps "")
foreach(function IN ITEMS EVP_Digest RAND_bytes deflate inflate deflateInit2_
    inflateInit2_)
  list(APPEND wraps LINKER:--wrap=${function})
endforeach()
find_package(ZLIB REQUIRED)
add_library(ws_msan OBJECT msan_libraries.c)
target_link_libraries(ws_msan PRIVATE OpenSSL::Crypto ZLIB::ZLIB wsspec_warnings)
foreach(layer IN ITEMS ws_crypto ws_deflate)
  if(TARGET ${layer})
    target_link_options(${layer} INTERFACE ${wraps})
    target_link_libraries(${layer}
      INTERFACE $<TARGET_OBJECTS:ws_msan> OpenSSL::Crypto ZLIB::ZLIB)
  endif()
endforeach()
