/* sarif.c: SARIF 2.1.0. A rule is a requirement, a result a broken clause, its
 * place the line of the case that judged. */
#include <inttypes.h>
#include <string.h>

#include "sarif.h"
#include "writers.h"

/* What readers take of one run (GitHub code scanning). */
#define RESULTS_MAX 25000

/* -- results ------------------------------------------------------------ */

/* A path as a relative URI reference; false for what leaves the source tree. */
static bool add_uri(struct wsc_strbuf *out, const char *path) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  if (path[0] == '\0' || path[0] == '/' || strlen(path) > WSC_VIEW_SHORT) {
    return false;
  }
  for (const char *part = path; part != NULL; part = strchr(part, '/')) {
    part += *part == '/';
    if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) {
      return false;
    }
  }
  for (; *path != '\0'; path++) {
    if (strchr(plain, *path) != NULL) {
      wsc_strbuf_add(out, path, 1);
    } else {
      wsc_strbuf_printf(out, "%%%02X", (unsigned char)*path);
    }
  }
  return true;
}

static json_t *physical_location(const struct wsc_sarif *sarif,
                                 const json_t *result, const json_t *clause) {
  const json_t *info = wsc_view_case(sarif->view, result);
  struct wsc_strbuf uri;
  wsc_strbuf_init(&uri);
  if (!add_uri(&uri, wsc_view_text(info, "file"))) {
    wsc_strbuf_free(&uri);
    return NULL;
  }
  json_t *place = wsc_json_object();
  json_t *artifact = wsc_json_object();
  wsc_json_put(artifact, "uri", json_string(uri.data));
  wsc_json_put(artifact, "uriBaseId", json_string("%SRCROOT%"));
  wsc_json_put(place, "artifactLocation", artifact);
  int line = wsc_view_line(sarif->view, result, clause);
  if (line > 0) {
    json_t *region = wsc_json_object();
    wsc_json_put(region, "startLine", json_integer(line));
    wsc_json_put(place, "region", region);
  }
  wsc_strbuf_free(&uri);
  return place;
}

static json_t *locations_of(const struct wsc_sarif *sarif, const json_t *result,
                            const json_t *clause) {
  json_t *locations = wsc_json_array();
  json_t *location = wsc_json_object();
  json_t *logical = wsc_json_object();
  json_t *logicals = wsc_json_array();
  json_t *physical = physical_location(sarif, result, clause);
  if (physical != NULL) {
    wsc_json_put(location, "physicalLocation", physical);
  }
  wsc_json_put(logical, "fullyQualifiedName",
               wsc_sarif_text(wsc_view_text(result, "case"), WSC_VIEW_SHORT));
  wsc_json_put(logical, "kind", json_string("function"));
  wsc_json_push(logicals, logical);
  wsc_json_put(location, "logicalLocations", logicals);
  wsc_json_push(locations, location);
  return locations;
}

/* FNV-1a, a string and its end. */
static uint64_t mixed(uint64_t hash, const char *text) {
  do {
    hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
  } while (*text++ != '\0');
  return hash;
}

/* The same deviation has the same fingerprint in each run: neither what came
 * nor the line of the script is in it, nor, where there is just one target, its
 * address. */
static json_t *fingerprints_of(const struct wsc_sarif *sarif,
                               const json_t *result, const json_t *clause,
                               const char *rule) {
  static const char *const keys[] = {"case", "variant", "chop"};
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  if (json_array_size(sarif->view->targets) > 1) {
    hash = mixed(hash, wsc_view_text(result, "target"));
  }
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    hash = mixed(hash, wsc_view_text(result, keys[i]));
  }
  hash = mixed(mixed(hash, rule), wsc_view_text(clause, "label"));
  hash = mixed(hash, wsc_view_text(clause, "expected"));
  char text[24];
  snprintf(text, sizeof text, "%016" PRIx64, hash);
  json_t *fingerprints = wsc_json_object();
  wsc_json_put(fingerprints, "wsspecClause/v1", json_string(text));
  return fingerprints;
}

static json_t *properties_of(const json_t *result) {
  static const char *const keys[] = {"target", "case", "variant", "chop",
                                     "verdict"};
  json_t *properties = wsc_json_object();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    wsc_json_put(
        properties, keys[i],
        wsc_sarif_text(wsc_view_text(result, keys[i]), WSC_VIEW_SHORT));
  }
  return properties;
}

static json_t *suppressions_of(const json_t *result) {
  const json_t *known = json_object_get(result, "expectation");
  json_t *suppressions = wsc_json_array();
  json_t *suppression = wsc_json_object();
  wsc_json_put(suppression, "kind", json_string("external"));
  wsc_json_put(suppression, "status", json_string("accepted"));
  wsc_json_put(suppression, "justification",
               wsc_sarif_text(wsc_view_text(known, "why"), WSC_VIEW_LONG));
  wsc_json_push(suppressions, suppression);
  return suppressions;
}

/* Which implementation, where there are several. */
static void subject(struct wsc_strbuf *out, const struct wsc_sarif *sarif,
                    const json_t *result) {
  const struct wsc_view *view = sarif->view;
  if (json_array_size(view->targets) > 1) {
    const json_t *position =
        json_object_get(view->target_index, wsc_view_text(result, "target"));
    wsc_view_agent(
        out, view,
        json_array_get(view->targets, (size_t)json_integer_value(position)));
    wsc_strbuf_puts(out, ": ");
  }
  wsc_view_name(out, result);
  wsc_strbuf_puts(out, ": ");
}

struct finding {
  const json_t *result;
  const json_t *clause; /* NULL: the result as a whole */
  const char *rule;
  const char *level;
};

static void add_finding(struct wsc_sarif *sarif,
                        const struct finding *finding) {
  if (json_array_size(sarif->results) >= RESULTS_MAX) {
    sarif->num_left_out++;
    return;
  }
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  subject(&text, sarif, finding->result);
  if (finding->clause != NULL) {
    wsc_view_clause(&text, finding->clause);
  } else {
    wsc_view_reason(&text, finding->result);
  }
  json_t *item = wsc_json_object();
  wsc_json_put(item, "ruleId", wsc_sarif_text(finding->rule, WSC_VIEW_SHORT));
  const json_t *index = json_object_get(sarif->rule_index, finding->rule);
  if (index != NULL) {
    wsc_json_put(item, "ruleIndex", json_integer(json_integer_value(index)));
  }
  wsc_json_put(item, "level", json_string(finding->level));
  wsc_json_put(item, "message", wsc_sarif_message(text.data));
  wsc_json_put(item, "locations",
               locations_of(sarif, finding->result, finding->clause));
  wsc_json_put(
      item, "partialFingerprints",
      fingerprints_of(sarif, finding->result, finding->clause, finding->rule));
  if (wsc_view_is_known(finding->result)) {
    wsc_json_put(item, "suppressions", suppressions_of(finding->result));
  }
  wsc_json_put(item, "properties", properties_of(finding->result));
  wsc_json_push(sarif->results, item);
  wsc_strbuf_free(&text);
}

static void add_clauses(struct wsc_sarif *sarif, const json_t *result) {
  static const char *const levels[] = {
      [WSC_FAIL] = "error", [WSC_ERROR] = "note", [WSC_WARN] = "warning"};
  size_t i;
  json_t *clause;
  json_array_foreach(json_object_get(result, "clauses"), i, clause) {
    if (wsc_view_is_broken(clause)) {
      const struct finding finding = {result, clause,
                                      wsc_view_text(clause, "requirement"),
                                      levels[wsc_view_verdict(clause)]};
      add_finding(sarif, &finding);
    }
  }
}

static void add_result(struct wsc_sarif *sarif, const json_t *result) {
  const json_t *known = json_object_get(result, "expectation");
  add_clauses(sarif, result);
  if (wsc_view_verdict(result) == WSC_ERROR) {
    const struct finding finding = {result, NULL, WSC_SARIF_ERROR, "note"};
    add_finding(sarif, &finding);
  }
  if (strcmp(wsc_view_text(known, "state"), "unmet") == 0) {
    const struct finding finding = {result, NULL, WSC_SARIF_UNEXPECTED,
                                    "error"};
    add_finding(sarif, &finding);
  }
}

/* -- the log ------------------------------------------------------------ */

static void notify(struct wsc_sarif *sarif, const char *level,
                   const char *text) {
  json_t *notification = wsc_json_object();
  wsc_json_put(notification, "level", json_string(level));
  wsc_json_put(notification, "message", wsc_sarif_message(text));
  wsc_json_push(sarif->notifications, notification);
}

/* True when everything was measured that was to be. */
static bool notify_troubles(struct wsc_sarif *sarif) {
  size_t i;
  json_t *target;
  json_array_foreach(sarif->view->targets, i, target) {
    const char *why = wsc_view_trouble(target);
    if (why != NULL) {
      struct wsc_strbuf text;
      wsc_strbuf_init(&text);
      wsc_view_agent(&text, sarif->view, target);
      wsc_strbuf_puts(&text, " could not be measured: ");
      wsc_view_plain(&text, why, WSC_VIEW_LONG);
      notify(sarif, "error", text.data);
      wsc_strbuf_free(&text);
    }
  }
  if (wsc_view_is_interrupted(sarif->view)) {
    notify(sarif, "error", "the run was interrupted");
  }
  bool whole = json_array_size(sarif->notifications) == 0;
  if (sarif->num_left_out != 0) {
    char text[64];
    snprintf(text, sizeof text, "%zu more results are left out",
             sarif->num_left_out);
    notify(sarif, "warning", text);
  }
  return whole;
}

static json_t *tool_json(struct wsc_sarif *sarif) {
  json_t *tool = wsc_json_object();
  json_t *driver = wsc_json_object();
  wsc_json_put(driver, "name", json_string("wsspec"));
  wsc_json_put(driver, "version",
               wsc_sarif_text(
                   wsc_view_text(json_object_get(sarif->view->document, "tool"),
                                 "version"),
                   WSC_VIEW_SHORT));
  sarif->rules = wsc_json_array();
  wsc_json_put(driver, "rules", sarif->rules);
  wsc_json_put(tool, "driver", driver);
  return tool;
}

static json_t *log_json(struct wsc_sarif *sarif) {
  json_t *log = wsc_json_object();
  json_t *runs = wsc_json_array();
  json_t *run = wsc_json_object();
  json_t *invocations = wsc_json_array();
  json_t *invocation = wsc_json_object();
  sarif->results = wsc_json_array();
  sarif->notifications = wsc_json_array();
  wsc_json_put(log, "$schema",
               json_string("https://json.schemastore.org/sarif-2.1.0.json"));
  wsc_json_put(log, "version", json_string("2.1.0"));
  wsc_json_put(log, "runs", runs);
  wsc_json_push(runs, run);
  wsc_json_put(run, "tool", tool_json(sarif));
  wsc_json_put(run, "invocations", invocations);
  wsc_json_push(invocations, invocation);
  wsc_json_put(run, "columnKind", json_string("unicodeCodePoints"));
  wsc_json_put(run, "results", sarif->results);
  wsc_sarif_add_rules(sarif);
  size_t i;
  json_t *result;
  json_array_foreach(sarif->view->results, i, result) {
    add_result(sarif, result);
  }
  wsc_json_put(invocation, "executionSuccessful",
               json_boolean(notify_troubles(sarif)));
  wsc_json_put(invocation, "toolExecutionNotifications", sarif->notifications);
  return log;
}

static int append(const char *data, size_t len, void *out) {
  wsc_strbuf_add(out, data, len);
  return 0;
}

void wsc_sarif_write(struct wsc_strbuf *out, const struct wsc_run *run,
                     enum wsc_fail_on fail_on) {
  struct wsc_view view;
  wsc_view_init(&view, run, fail_on);
  struct wsc_sarif sarif = {.view = &view, .rule_index = wsc_json_object()};
  json_t *log = log_json(&sarif);
  json_dump_callback(log, append, out, JSON_INDENT(1));
  wsc_strbuf_puts(out, "\n");
  json_decref(log);
  json_decref(sarif.rule_index);
  wsc_view_free(&view);
}
