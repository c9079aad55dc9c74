#include "format.h"

#include <string.h>

const struct wsc_format wsc_formats[] = {
    {"junit", ".xml", "JUnit XML", wsc_format_junit},
    {"tap", ".tap", "TAP 14", wsc_format_tap},
    {"sarif", ".sarif", "SARIF 2.1.0", wsc_format_sarif},
    {"markdown", ".md", "Markdown; the step summary of GitHub",
     wsc_format_markdown},
    {"badge", ".svg", "a badge", wsc_format_badge},
    {"pcapng", ".pcapng", "a packet capture of the wire log",
     wsc_format_pcapng},
    {"github", NULL, "workflow commands of GitHub Actions",
     wsc_format_github_lines},
    {NULL, NULL, NULL, NULL},
};

const struct wsc_format *wsc_format_by_name(const char *name) {
  for (const struct wsc_format *format = wsc_formats; format->name != NULL;
       format++) {
    if (strcmp(format->name, name) == 0) {
      return format;
    }
  }
  return NULL;
}

const struct wsc_format *wsc_format_by_path(const char *path) {
  size_t len = strlen(path);
  for (const struct wsc_format *format = wsc_formats; format->name != NULL;
       format++) {
    size_t own = format->extension == NULL ? 0 : strlen(format->extension);
    if (own != 0 && len > own &&
        strcmp(path + len - own, format->extension) == 0) {
      return format;
    }
  }
  return NULL;
}
