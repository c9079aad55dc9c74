#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats_support.h"
#include "run_fixture.h"

char *format_render(const struct wsc_run *run, const char *name,
                    enum wsc_fail_on fail_on, size_t *len) {
  struct wsc_strbuf out;
  wsc_strbuf_init(&out);
  if (strcmp(name, "github") == 0) {
    wsc_format_github(&out, run, fail_on);
  } else {
    const struct wsc_format *format = wsc_format_by_name(name);
    assert_non_null(format);
    format->write(&out, run, fail_on);
  }
  *len = out.len;
  return wsc_strbuf_take(&out);
}

size_t count_of(const char *text, const char *words) {
  size_t count = 0;
  while ((text = strstr(text, words)) != NULL) {
    count++;
    text++;
  }
  return count;
}

void assert_printable(const char *text, size_t len) {
  assert_int_equal(strlen(text), len);
  for (size_t i = 0; i < len;) {
    uint32_t scalar;
    size_t taken = wsc_utf8_scalar((const uint8_t *)text + i, len - i, &scalar);
    assert_int_not_equal(taken, 0);
    assert_true(scalar == '\n' || wsc_utf8_is_printable(scalar));
    i += taken;
  }
}

void assert_golden(const char *name, const char *text, size_t len) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", GOLDEN_FOLDER, name);
  if (getenv("UPDATE_GOLDEN") != NULL) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return;
  }
  size_t golden_len;
  char *golden = fixture_slurp(path, &golden_len);
  if (golden_len != len || memcmp(golden, text, len) != 0) {
    size_t i = 0;
    while (i < len && i < golden_len && golden[i] == text[i]) {
      i++;
    }
    print_error("%s differs at octet %zu:\n%.200s\n", path, i, text + i);
    fail();
  }
  free(golden);
}
