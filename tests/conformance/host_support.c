/* host_support.c: see host_support.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "host_support.h"

void host_load(struct wsc_host *host, const char *name, const char *text) {
  char *error = NULL;
  if (!wsc_host_load(host, name, text, strlen(text), &error)) {
    fail_msg("%s", error);
  }
}
