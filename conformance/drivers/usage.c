#include "usage.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STAT_MAX    1024
#define PATH_SIZE   64
#define MICROSECOND UINT64_C(1000000)

/* The fields of /proc/PID/stat that are needed, see proc_pid_stat(5). */
struct entry {
  pid_t pid, parent, group;
  uint64_t ticks; /* of user and system time */
  uint64_t vsize; /* bytes */
  uint64_t pages; /* resident */
  bool counted;
};

struct table {
  struct entry *entries; /* owned */
  size_t num, cap;
};

static bool read_stat(pid_t pid, struct entry *entry) {
  char path[PATH_SIZE];
  char text[STAT_MAX];
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) {
    return false;
  }
  size_t len = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[len] = '\0';
  /* The name stands in parentheses and may hold some itself. */
  const char *at = strrchr(text, ')');
  long parent = 0;
  long group = 0;
  uint64_t user = 0;
  uint64_t system = 0;
  *entry = (struct entry){.pid = pid};
  /* NOLINTBEGIN(cert-err34-c): the kernel writes numbers that fit. */
  if (at == NULL ||
      sscanf(at + 1,
             " %*c %ld %ld %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
             " %*d %*d %*d %*d %*d %*d %*u %" SCNu64 " %" SCNu64,
             &parent, &group, &user, &system, &entry->vsize,
             &entry->pages) != 6) {
    return false;
  }
  /* NOLINTEND(cert-err34-c) */
  entry->parent = (pid_t)parent;
  entry->group = (pid_t)group;
  entry->ticks = user + system;
  return true;
}

static bool add(struct table *table, const struct entry *entry) {
  if (table->num == table->cap) {
    size_t cap = table->cap == 0 ? 256 : table->cap * 2;
    struct entry *grown = realloc(table->entries, cap * sizeof *grown);
    if (grown == NULL) {
      return false;
    }
    table->entries = grown;
    table->cap = cap;
  }
  table->entries[table->num++] = *entry;
  return true;
}

/* All processes; an empty table where there is no /proc. */
static struct table read_table(void) {
  struct table table = {0};
  DIR *directory = opendir("/proc");
  const struct dirent *item = directory == NULL ? NULL : readdir(directory);
  for (; item != NULL; item = readdir(directory)) {
    struct entry entry;
    if (isdigit((unsigned char)item->d_name[0]) &&
        read_stat((pid_t)strtol(item->d_name, NULL, 10), &entry) &&
        !add(&table, &entry)) {
      break;
    }
  }
  if (directory != NULL) {
    closedir(directory);
  }
  return table;
}

static bool belongs(const struct table *table, const struct entry *entry,
                    pid_t root) {
  if (entry->pid == root || entry->group == root) {
    return true;
  }
  for (size_t i = 0; i < table->num; i++) {
    if (table->entries[i].pid == entry->parent) {
      return table->entries[i].counted;
    }
  }
  return false;
}

/* A child may stand before its parent, so until nothing is added any more. */
static void mark(struct table *table, pid_t root) {
  bool more = true;
  while (more) {
    more = false;
    for (size_t i = 0; i < table->num; i++) {
      struct entry *entry = &table->entries[i];
      if (!entry->counted && belongs(table, entry, root)) {
        entry->counted = true;
        more = true;
      }
    }
  }
}

static uint64_t count_fds(pid_t pid) {
  char path[PATH_SIZE];
  uint64_t num = 0;
  snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
  DIR *directory = opendir(path);
  if (directory == NULL) {
    return 0;
  }
  for (const struct dirent *item = readdir(directory); item != NULL;
       item = readdir(directory)) {
    num += item->d_name[0] != '.';
  }
  closedir(directory);
  return num;
}

bool wsc_usage_of(pid_t pid, struct wsc_usage *usage, const char **why) {
  struct table table = read_table();
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
  bool found = false;
  *usage = (struct wsc_usage){0};
  mark(&table, pid);
  for (size_t i = 0; i < table.num; i++) {
    const struct entry *entry = &table.entries[i];
    if (!entry->counted) {
      continue;
    }
    found = found || entry->pid == pid;
    usage->rss += entry->pages * page;
    usage->vsize += entry->vsize;
    usage->cpu += entry->ticks * MICROSECOND / ticks;
    usage->fds += count_fds(entry->pid);
  }
  *why = table.num == 0 ? "this system has no /proc"
         : found        ? NULL
                        : "its process is gone";
  free(table.entries);
  return found;
}
