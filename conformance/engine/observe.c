#include "observe.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  const char *text;
} checks[WSC_NUM_CHECKS] = {
#define XX(id, name, text) [WSC_CHECK_##id] = {name, text},
    WSC_CHECK_MAP(XX)
#undef XX
};

const char *wsc_check_name(enum wsc_check check) {
  return checks[check].name;
}

const char *wsc_check_text(enum wsc_check check) {
  return checks[check].text;
}

enum wsc_check wsc_check_by_name(const char *name) {
  int i = 0;
  while (i < WSC_NUM_CHECKS && strcmp(checks[i].name, name) != 0) {
    i++;
  }
  return (enum wsc_check)i;
}

void wsc_observe(struct wsc_observed *observed, enum wsc_check check,
                 const char *case_id, int connection, const char *violation) {
  observed->checks[check].count++;
  if (violation == NULL) {
    return;
  }
  if (observed->checks[check].violations++ == 0) {
    snprintf(observed->checks[check].first, WSC_OBSERVED_TEXT,
             "%s, connection %d: %s", case_id, connection, violation);
  }
}
