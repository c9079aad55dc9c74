#include "report_formats.h"

#include <string.h>

#include "writers.h"

static const struct wsc_format formats[] = {
    {"junit", ".xml", wsc_junit_write},
    {"tap", ".tap", wsc_tap_write},
    {"sarif", ".sarif", wsc_sarif_write},
    {"sarif", ".sarif.json", wsc_sarif_write},
    {"markdown", ".md", wsc_markdown_write},
    {"badge", ".svg", wsc_badge_write},
    {"pcapng", ".pcapng", wsc_pcapng_write},
};
#define NUM_FORMATS (sizeof formats / sizeof *formats)

const struct wsc_format *wsc_format_by_name(const char *name) {
  for (size_t i = 0; i < NUM_FORMATS; i++) {
    if (strcmp(formats[i].name, name) == 0) {
      return &formats[i];
    }
  }
  return NULL;
}

const struct wsc_format *wsc_format_of_path(const char *path) {
  size_t len = strlen(path);
  for (size_t i = 0; i < NUM_FORMATS; i++) {
    size_t tail = strlen(formats[i].extension);
    if (len > tail && strcmp(path + len - tail, formats[i].extension) == 0) {
      return &formats[i];
    }
  }
  return NULL;
}

const struct wsc_format *wsc_format_at(size_t number) {
  return number < NUM_FORMATS ? &formats[number] : NULL;
}
