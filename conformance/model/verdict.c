#include "verdict.h"

#include <string.h>

static const char *const verdict_names[WSC_NUM_VERDICTS] = {
    [WSC_FAIL] = "fail", [WSC_ERROR] = "error", [WSC_WARN] = "warn",
    [WSC_PASS] = "pass", [WSC_INFO] = "info",   [WSC_SKIP] = "skip"};

const char *wsc_verdict_name(enum wsc_verdict verdict) {
  return verdict < WSC_NUM_VERDICTS ? verdict_names[verdict] : "none";
}

enum wsc_verdict wsc_verdict_by_name(const char *name) {
  int i = 0;
  while (i < WSC_NUM_VERDICTS && strcmp(verdict_names[i], name) != 0) {
    i++;
  }
  return (enum wsc_verdict)i;
}

enum wsc_verdict wsc_verdict_worse(enum wsc_verdict a, enum wsc_verdict b) {
  return a < b ? a : b;
}

const char *wsc_strength_name(enum wsc_strength strength) {
  static const char *const names[] = {[WSC_MUST] = "must",
                                      [WSC_SHOULD] = "should",
                                      [WSC_TOLERATED] = "tolerated",
                                      [WSC_NOTE] = "note"};
  return names[strength];
}
