#include "select.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "requirements.h"

static bool any_matches(const char *const *texts, size_t num,
                        const char *pattern) {
  for (size_t i = 0; i < num; i++) {
    if (fnmatch(pattern, texts[i], 0) == 0) {
      return true;
    }
  }
  return false;
}

/* 0: may, 1: should, 2: must. */
static int strength(const char *level) {
  if (level[0] == 'm' || level[0] == 'M') {
    return level[1] == 'u' || level[1] == 'U' ? 2 : 0;
  }
  return 1;
}

static bool is_level(const char *text) {
  return strcasecmp(text, "must") == 0 || strcasecmp(text, "should") == 0 ||
         strcasecmp(text, "may") == 0;
}

static bool has_level(const struct wsc_case *info, int least) {
  for (size_t i = 0; i < info->num_requirements; i++) {
    const struct wsc_requirement *row =
        wsc_requirement_find(info->requirements[i]);
    if (row != NULL && strength(row->level) >= least) {
      return true;
    }
  }
  return false;
}

bool wsc_select_matches(const struct wsc_case *info, const char *filter) {
  if (strncmp(filter, "req:", 4) == 0) {
    return any_matches(info->requirements, info->num_requirements, filter + 4);
  }
  if (strncmp(filter, "tag:", 4) == 0) {
    return any_matches(info->tags, info->num_tags, filter + 4);
  }
  if (strncmp(filter, "autobahn:", 9) == 0) {
    return any_matches(info->autobahn, info->num_autobahn, filter + 9);
  }
  if (strncmp(filter, "level:", 6) == 0) {
    return is_level(filter + 6) && has_level(info, strength(filter + 6));
  }
  return fnmatch(filter, info->id, 0) == 0;
}

/* What the counterparts of Autobahn's cases judge, others judge, too: they run
 * when they are named. */
static bool names_counterparts(const char *filter) {
  return strncmp(filter, "autobahn:", 9) == 0 ||
         strncmp(filter, "autobahn.", 9) == 0 ||
         strcmp(filter, "tag:autobahn") == 0 || strcmp(filter, "*") == 0;
}

/* What may harm a server, and takes its time: when it is asked for. */
static bool is_of_robustness(const struct wsc_case *info) {
  static const char area[] = "robustness.";
  return strncmp(info->id, area, sizeof area - 1) == 0;
}

static bool listed(const struct wsc_case *info, const char *const *filters,
                   const struct wsc_options *options) {
  if (*filters == NULL) {
    bool spared = is_of_robustness(info) && !options->robustness;
    return options->rerun != NULL || (info->num_autobahn == 0 && !spared);
  }
  for (; *filters != NULL; filters++) {
    if (wsc_select_matches(info, *filters) &&
        (info->num_autobahn == 0 || names_counterparts(*filters))) {
      return true;
    }
  }
  return false;
}

static bool excluded(const struct wsc_case *info,
                     const struct wsc_list *exclude) {
  for (size_t i = 0; i < exclude->num; i++) {
    if (wsc_select_matches(info, exclude->items[i])) {
      return true;
    }
  }
  return false;
}

bool wsc_select_in_shard(const struct wsc_case *info, unsigned shard,
                         unsigned num_shards) {
  /* FNV-1a: which part a case is of depends on nothing but its id. */
  uint32_t hash = 0x811C9DC5;
  for (const char *id = info->id; *id != '\0'; id++) {
    hash = (hash ^ (unsigned char)*id) * 0x01000193;
  }
  return num_shards == 0 || info->passive ||
         (hash ^ hash >> 16) % num_shards == shard - 1;
}

static const char *find_unknown(const struct wsc_case *const *cases, size_t num,
                                const char *const *filters) {
  for (; *filters != NULL; filters++) {
    size_t i = 0;
    while (i < num && !wsc_select_matches(cases[i], *filters)) {
      i++;
    }
    if (i == num) {
      return *filters;
    }
  }
  return NULL;
}

size_t wsc_select(const struct wsc_case *const *cases, size_t num,
                  const char *const *filters, const struct wsc_options *options,
                  const struct wsc_case **kept, const char **unknown) {
  size_t num_kept = 0;
  int least = strength(options->level);
  for (size_t i = 0; i < num; i++) {
    if (listed(cases[i], filters, options) &&
        !excluded(cases[i], &options->exclude) &&
        (least == 0 || has_level(cases[i], least)) &&
        wsc_select_in_shard(cases[i], options->shard, options->num_shards)) {
      kept[num_kept++] = cases[i];
    }
  }
  *unknown = find_unknown(cases, num, filters);
  if (*unknown == NULL) {
    *unknown = find_unknown(cases, num, options->exclude.items);
  }
  return num_kept;
}
