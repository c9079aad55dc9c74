#include "requirements.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "csv.h"
#include "embedded.h"

#define MAX_COLUMNS 16

extern const struct wsc_embedded wsc_requirements_csv[];
extern const struct wsc_embedded wsc_uncovered_csv[];

struct table {
  struct wsc_requirement *rows;
  struct wsc_requirement **by_id;
  size_t num;
};

/* Filled once and constant ever after: the contract of wsc_requirements has no
 * object to keep it in, and its strings are borrowed for the process's life. */
static struct table table;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

struct column {
  const char *name;
  size_t offset;
};

#define COLUMN(member)                                                         \
  { #member, offsetof(struct wsc_requirement, member) }
static const struct column columns[] = {
    COLUMN(id),       COLUMN(rfc),       COLUMN(section),  COLUMN(level),
    COLUMN(role),     COLUMN(statement), COLUMN(testable), COLUMN(stimulus),
    COLUMN(expected), COLUMN(note),      COLUMN(tests),
};
#undef COLUMN
#define NUM_COLUMNS (sizeof columns / sizeof columns[0])

static void set_column(struct wsc_requirement *row, const char *name,
                       const char *value) {
  for (size_t i = 0; i < NUM_COLUMNS; i++) {
    if (strcmp(columns[i].name, name) == 0) {
      memcpy((char *)row + columns[i].offset, &value, sizeof value);
    }
  }
}

static int compare_rows(const void *a, const void *b) {
  const struct wsc_requirement *const *left = a;
  const struct wsc_requirement *const *right = b;
  return strcmp((*left)->id, (*right)->id);
}

static void sort_by_id(void) {
  table.by_id = wsc_malloc(table.num * sizeof *table.by_id);
  for (size_t i = 0; i < table.num; i++) {
    table.by_id[i] = &table.rows[i];
  }
  qsort(table.by_id, table.num, sizeof *table.by_id, compare_rows);
}

/* A copy that lives for ever: the fields stay in it. */
static struct wsc_csv writable(const struct wsc_embedded *file) {
  size_t len = (size_t)(file->end - file->data);
  char *text = memcpy(wsc_malloc(len + 1), file->data, len);
  return (struct wsc_csv){text, text + len};
}

static void load_rows(void) {
  struct wsc_csv csv = writable(wsc_requirements_csv);
  const char *names[MAX_COLUMNS];
  const char *fields[MAX_COLUMNS];
  size_t capacity = 0;
  size_t num_names = wsc_csv_row(&csv, names, MAX_COLUMNS);
  size_t num_fields;
  while ((num_fields = wsc_csv_row(&csv, fields, MAX_COLUMNS)) != 0) {
    if (table.num == capacity) {
      capacity = capacity == 0 ? 256 : capacity * 2;
      table.rows = wsc_realloc(table.rows, capacity * sizeof *table.rows);
    }
    struct wsc_requirement *row = &table.rows[table.num++];
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
      set_column(row, columns[i].name, "");
    }
    row->uncovered = "";
    for (size_t i = 0; i < num_fields && i < num_names; i++) {
      set_column(row, names[i], fields[i]);
    }
  }
  sort_by_id();
}

static int compare_id(const void *key, const void *item) {
  const struct wsc_requirement *const *row = item;
  return strcmp(key, (*row)->id);
}

static struct wsc_requirement *find(const char *id) {
  struct wsc_requirement **row =
      bsearch(id, table.by_id, table.num, sizeof *table.by_id, compare_id);
  return row == NULL ? NULL : *row;
}

/* Columns: id, reason. */
static void load_reasons(void) {
  struct wsc_csv csv = writable(wsc_uncovered_csv);
  const char *fields[2];
  while (wsc_csv_row(&csv, fields, 2) == 2) {
    struct wsc_requirement *row = find(fields[0]);
    if (row != NULL) {
      row->uncovered = fields[1];
    }
  }
}

static void load(void) {
  load_rows();
  load_reasons();
}

const struct wsc_requirement *wsc_requirements(size_t *num) {
  pthread_once(&table_once, load);
  *num = table.num;
  return table.rows;
}

const struct wsc_requirement *wsc_requirement_find(const char *id) {
  pthread_once(&table_once, load);
  return find(id);
}

/* The standard names its sections by words; the table abbreviates them. */
static const char *whatwg_anchor(const char *section) {
  if (strcmp(section, "closeevent") == 0) {
    return "the-closeevent-interface";
  }
  if (strcmp(section, "feedback") == 0) {
    return "feedback-from-the-protocol";
  }
  if (strcmp(section, "ping") == 0) {
    return "ping-and-pong-frames";
  }
  if (strcmp(section, "gc") == 0) {
    return "garbage-collection";
  }
  return "the-websocket-interface";
}

void wsc_requirement_url(const struct wsc_requirement *row, char *out,
                         size_t out_len) {
  if (strcmp(row->rfc, "WHATWG") == 0) {
    snprintf(out, out_len, "https://websockets.spec.whatwg.org/#%s",
             whatwg_anchor(row->section));
    return;
  }
  snprintf(out, out_len, "https://www.rfc-editor.org/rfc/rfc%s#section-%s",
           row->rfc, row->section);
}
