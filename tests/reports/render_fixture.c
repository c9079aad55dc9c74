/* Writes the fixture's run document and its report, to be looked at. */
#include <stdio.h>
#include <stdlib.h>

#include "report_html.h"
#include "run_fixture.h"

int main(int argc, char **argv) {
  char *error = NULL;
  if (argc != 4) {
    fprintf(stderr, "usage: %s NUM RUN.json REPORT.html\n", argv[0]);
    return 4;
  }
  long num = strtol(argv[1], NULL, 10);
  struct wsc_run *run = num == 0 ? fixture_matrix() : fixture_run((size_t)num);
  if (!wsc_run_write(run, argv[2], &error) ||
      !wsc_report_html(
          &(struct wsc_report_html_options){.run = run, .path = argv[3]},
          &error)) {
    fprintf(stderr, "%s\n", error);
    free(error);
    wsc_run_free(run);
    return 3;
  }
  wsc_run_free(run);
  return 0;
}
