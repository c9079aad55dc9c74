/* MemorySanitizer does not see what libraries write that it has not compiled,
 * and would call it uninitialised. The linker puts these between libws and each
 * function of libcrypto and zlib that writes where libws reads (--wrap). What
 * libcrypto gives to libc while it initialises itself would be called the same,
 * hence the checks of libc's functions are off meanwhile. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sanitizer/msan_interface.h>
#include <zlib.h>

__attribute__((constructor)) static void initialise_libcrypto(void) {
  __msan_scoped_disable_interceptor_checks();
  OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
  __msan_scoped_enable_interceptor_checks();
}

int __real_EVP_Digest(const void *data, size_t len, unsigned char *digest,
                      unsigned int *digest_len, const EVP_MD *type,
                      ENGINE *engine);
int __wrap_EVP_Digest(const void *data, size_t len, unsigned char *digest,
                      unsigned int *digest_len, const EVP_MD *type,
                      ENGINE *engine);
int __wrap_EVP_Digest(const void *data, size_t len, unsigned char *digest,
                      unsigned int *digest_len, const EVP_MD *type,
                      ENGINE *engine) {
  __msan_check_mem_is_initialized(data, len);
  __msan_scoped_disable_interceptor_checks();
  int result = __real_EVP_Digest(data, len, digest, digest_len, type, engine);
  __msan_scoped_enable_interceptor_checks();
  if (result == 1) {
    __msan_unpoison(digest, (size_t)EVP_MD_get_size(type));
  }
  return result;
}

int __real_RAND_bytes(unsigned char *out, int len);
int __wrap_RAND_bytes(unsigned char *out, int len);
int __wrap_RAND_bytes(unsigned char *out, int len) {
  __msan_scoped_disable_interceptor_checks();
  int result = __real_RAND_bytes(out, len);
  __msan_scoped_enable_interceptor_checks();
  if (result == 1) {
    __msan_unpoison(out, (size_t)len);
  }
  return result;
}

/* zlib keeps its state in memory of its own; of ours it reads the octets up to
 * next_in, and writes the z_stream and the octets up to next_out. */
static int coded(z_stream *stream, const z_stream *before, int result) {
  __msan_unpoison(stream, sizeof *stream);
  __msan_check_mem_is_initialized(before->next_in,
                                  (size_t)(stream->next_in - before->next_in));
  __msan_unpoison(before->next_out,
                  (size_t)(stream->next_out - before->next_out));
  return result;
}

int __real_deflate(z_stream *stream, int flush);
int __wrap_deflate(z_stream *stream, int flush);
int __wrap_deflate(z_stream *stream, int flush) {
  const z_stream before = *stream;
  return coded(stream, &before, __real_deflate(stream, flush));
}

int __real_inflate(z_stream *stream, int flush);
int __wrap_inflate(z_stream *stream, int flush);
int __wrap_inflate(z_stream *stream, int flush) {
  const z_stream before = *stream;
  return coded(stream, &before, __real_inflate(stream, flush));
}

int __real_deflateInit2_(z_stream *stream, int level, int method, int bits,
                         int mem_level, int strategy, const char *version,
                         int size);
int __wrap_deflateInit2_(z_stream *stream, int level, int method, int bits,
                         int mem_level, int strategy, const char *version,
                         int size);
int __wrap_deflateInit2_(z_stream *stream, int level, int method, int bits,
                         int mem_level, int strategy, const char *version,
                         int size) {
  const z_stream before = *stream;
  return coded(stream, &before,
               __real_deflateInit2_(stream, level, method, bits, mem_level,
                                    strategy, version, size));
}

int __real_inflateInit2_(z_stream *stream, int bits, const char *version,
                         int size);
int __wrap_inflateInit2_(z_stream *stream, int bits, const char *version,
                         int size);
int __wrap_inflateInit2_(z_stream *stream, int bits, const char *version,
                         int size) {
  const z_stream before = *stream;
  return coded(stream, &before,
               __real_inflateInit2_(stream, bits, version, size));
}
