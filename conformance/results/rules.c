#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "run_internal.h"
#include "strbuf.h"

/* What readers of a run document rely on, as data. docs/run.schema.json says
 * the same to other programs; tests hold the two together. */
enum kind {
  OBJECT,       /* members as in `members` */
  OBJECTS,      /* an array of such objects */
  STRING,       /* */
  STRINGS,      /* an array of strings */
  TEXT_OR_NULL, /* a string or null */
  TEXT_MAP,     /* an object whose members are strings */
  ANY_OBJECT,   /* any object */
  INTEGER,      /* fits an int */
  COUNT,        /* integer >= 0, or a string of digits */
  COUNTS,       /* an array of counts */
  BOOLEAN,      /* */
  VERDICT,      /* the name of one */
  HEX           /* an even number of hexadecimal digits */
};

struct member {
  const char *name; /* NULL ends a list */
  enum kind kind;
  bool optional; /* may be absent, or null */
  const struct member *members;
};

static const struct member tool_members[] = {{"version", STRING, false, NULL},
                                             {"suite", STRING, false, NULL},
                                             {NULL, STRING, false, NULL}};

static const struct member run_members[] = {
    {"seed", COUNT, false, NULL},
    {"options", ANY_OBJECT, false, NULL},
    {"interrupted", BOOLEAN, false, NULL},
    {NULL, STRING, false, NULL}};

static const struct member summary_members[] = {
    {"pass", COUNT, false, NULL}, {"fail", COUNT, false, NULL},
    {"warn", COUNT, false, NULL}, {"info", COUNT, false, NULL},
    {"skip", COUNT, false, NULL}, {"error", COUNT, false, NULL},
    {NULL, STRING, false, NULL}};

static const struct member judged_members[] = {
    {"id", STRING, false, NULL},
    {"verdict", VERDICT, false, NULL},
    {NULL, STRING, false, NULL}};

static const struct member target_members[] = {
    {"id", STRING, false, NULL},
    {"role", STRING, false, NULL},
    {"url", STRING, false, NULL},
    {"agent", STRING, false, NULL},
    {"facts", TEXT_MAP, false, NULL},
    {"tls", TEXT_MAP, true, NULL},
    {"summary", OBJECT, false, summary_members},
    {"requirements", OBJECTS, false, judged_members},
    {NULL, STRING, false, NULL}};

static const struct member case_members[] = {
    {"id", STRING, false, NULL},
    {"title", STRING, false, NULL},
    {"source", TEXT_OR_NULL, false, NULL},
    {"file", STRING, false, NULL},
    {"line", INTEGER, false, NULL},
    {"requirements", STRINGS, false, NULL},
    {"autobahn", STRINGS, false, NULL},
    {"tags", STRINGS, true, NULL},
    {"since", STRING, false, NULL},
    {NULL, STRING, false, NULL}};

static const struct member clause_members[] = {
    {"requirement", STRING, false, NULL}, {"strength", STRING, false, NULL},
    {"verdict", VERDICT, false, NULL},    {"label", STRING, false, NULL},
    {"expected", STRING, false, NULL},    {"got", STRING, false, NULL},
    {"line", INTEGER, false, NULL},       {"step", INTEGER, false, NULL},
    {"absent", BOOLEAN, false, NULL},     {NULL, STRING, false, NULL}};

static const struct member step_members[] = {
    {"line", INTEGER, false, NULL}, {"verb", STRING, false, NULL},
    {"text", STRING, false, NULL},  {"connection", INTEGER, false, NULL},
    {"wire", INTEGER, false, NULL}, {NULL, STRING, false, NULL}};

static const struct member event_members[] = {
    {"t", COUNT, false, NULL},          {"connection", INTEGER, false, NULL},
    {"direction", STRING, false, NULL}, {"kind", STRING, false, NULL},
    {"offset", COUNT, false, NULL},     {"hex", HEX, false, NULL},
    {"text", STRING, true, NULL},       {"cut", COUNT, true, NULL},
    {"truncated", BOOLEAN, true, NULL}, {NULL, STRING, false, NULL}};

static const struct member frame_members[] = {
    {"t", COUNT, false, NULL},
    {"connection", INTEGER, false, NULL},
    {"direction", STRING, false, NULL},
    {"offset", COUNT, false, NULL},
    {"header", HEX, false, NULL},
    {"fin", BOOLEAN, false, NULL},
    {"rsv", INTEGER, false, NULL},
    {"opcode", INTEGER, false, NULL},
    {"opcode_name", STRING, false, NULL},
    {"masked", BOOLEAN, false, NULL},
    {"key", HEX, true, NULL},
    {"length_form", INTEGER, false, NULL},
    {"length", COUNT, false, NULL},
    {"payload", HEX, false, NULL},
    {"text", STRING, true, NULL},
    {NULL, STRING, false, NULL}};

static const struct member wire_members[] = {
    {"connections", INTEGER, false, NULL},
    {"events", OBJECTS, false, event_members},
    {"frames", OBJECTS, false, frame_members},
    {NULL, STRING, false, NULL}};

static const struct member expectation_members[] = {
    {"state", STRING, false, NULL},
    {"why", STRING, false, NULL},
    {NULL, STRING, false, NULL}};

static const struct member autobahn_members[] = {
    {"id", STRING, false, NULL},
    {"behavior", STRING, true, NULL},
    {"behaviorClose", STRING, true, NULL},
    {"remoteCloseCode", INTEGER, true, NULL},
    {NULL, STRING, false, NULL}};

static const struct member timing_members[] = {
    {"duration_us", COUNT, false, NULL},
    {"steps", COUNTS, false, NULL},
    {NULL, STRING, false, NULL}};

static const struct member result_members[] = {
    {"target", STRING, false, NULL},
    {"case", STRING, false, NULL},
    {"variant", STRING, false, NULL},
    {"chop", STRING, false, NULL},
    {"verdict", VERDICT, false, NULL},
    {"reason", STRING, false, NULL},
    {"absent", BOOLEAN, false, NULL},
    {"repeated", BOOLEAN, false, NULL},
    {"expectation", OBJECT, true, expectation_members},
    {"clauses", OBJECTS, false, clause_members},
    {"steps", OBJECTS, false, step_members},
    {"wire", OBJECT, false, wire_members},
    {"autobahn", OBJECTS, false, autobahn_members},
    {"timing", OBJECT, false, timing_members},
    {NULL, STRING, false, NULL}};

static const struct member requirement_members[] = {
    {"id", STRING, false, NULL},
    {"rfc", STRING, false, NULL},
    {"section", STRING, false, NULL},
    {"level", STRING, false, NULL},
    {"role", STRING, false, NULL},
    {"statement", STRING, false, NULL},
    {"testable", STRING, false, NULL},
    {"url", STRING, false, NULL},
    {"uncovered_reason", TEXT_OR_NULL, false, NULL},
    {NULL, STRING, false, NULL}};

static const struct member document_members[] = {
    {"schema", STRING, false, NULL},
    {"tool", OBJECT, false, tool_members},
    {"run", OBJECT, false, run_members},
    {"targets", OBJECTS, false, target_members},
    {"cases", OBJECTS, false, case_members},
    {"results", OBJECTS, false, result_members},
    {"requirements", OBJECTS, false, requirement_members},
    {NULL, STRING, false, NULL}};

/* Where the checker stands: "$.results[3].wire". Its depth is that of the
 * lists above, so a hostile document cannot make it deep. */
struct place {
  char path[160];
  char **error;
};

static bool complain(const struct place *place, const char *what) {
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_printf(&text, "%s: %s", place->path, what);
  *place->error = wsc_strbuf_take(&text);
  return false;
}

static bool is_hex(const char *text) {
  size_t len = strlen(text);
  return len % 2 == 0 && strspn(text, "0123456789abcdefABCDEF") == len;
}

static bool is_count(const json_t *value) {
  const char *digits = json_string_value(value);
  if (digits != NULL) {
    size_t len = strlen(digits);
    return len >= 1 && len <= 20 && strspn(digits, "0123456789") == len;
  }
  return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_int(const json_t *value) {
  json_int_t number = json_integer_value(value);
  return json_is_integer(value) && number >= INT32_MIN && number <= INT32_MAX;
}

static bool are_strings(const json_t *value) {
  const char *key;
  json_t *item;
  json_object_foreach((json_t *)value, key, item) {
    if (!json_is_string(item)) {
      return false;
    }
  }
  return json_is_object(value);
}

static bool are_all(const json_t *array, bool (*check)(const json_t *)) {
  size_t index;
  json_t *item;
  json_array_foreach(array, index, item) {
    if (!check(item)) {
      return false;
    }
  }
  return json_is_array(array);
}

static bool is_string(const json_t *value) {
  return json_is_string(value);
}

/* NULL when `value` is what `kind` asks for, else what was asked for. */
static const char *mismatch(const json_t *value, enum kind kind) {
  switch (kind) {
  case STRING:
    return json_is_string(value) ? NULL : "is not a string";
  case STRINGS:
    return are_all(value, is_string) ? NULL : "is not an array of strings";
  case TEXT_OR_NULL:
    return json_is_string(value) || json_is_null(value)
               ? NULL
               : "is neither a string nor null";
  case TEXT_MAP:
    return are_strings(value) ? NULL : "is not an object of strings";
  case INTEGER:
    return is_int(value) ? NULL : "is not an integer of 32 bits";
  case COUNT:
    return is_count(value) ? NULL : "is not a count";
  case COUNTS:
    return are_all(value, is_count) ? NULL : "is not an array of counts";
  case BOOLEAN:
    return json_is_boolean(value) ? NULL : "is not true or false";
  case VERDICT:
    return json_is_string(value) &&
                   wsc_verdict_by_name(json_string_value(value)) !=
                       WSC_NUM_VERDICTS
               ? NULL
               : "is not the name of a verdict";
  case HEX:
    return json_is_string(value) && is_hex(json_string_value(value))
               ? NULL
               : "is not a string of hexadecimal octets";
  case OBJECTS:
    return json_is_array(value) ? NULL : "is not an array";
  case OBJECT:
  case ANY_OBJECT:
    break;
  }
  return json_is_object(value) ? NULL : "is not an object";
}

static bool check_value(struct place *place, const json_t *value,
                        const struct member *member);

static bool check_members(struct place *place, const json_t *object,
                          const struct member *members) {
  size_t len = strlen(place->path);
  for (; members->name != NULL; members++) {
    const json_t *value = json_object_get(object, members->name);
    snprintf(place->path + len, sizeof place->path - len, ".%s", members->name);
    if (members->optional && (value == NULL || json_is_null(value))) {
      continue;
    }
    if (value == NULL) {
      return complain(place, "is missing");
    }
    if (!check_value(place, value, members)) {
      return false;
    }
  }
  place->path[len] = '\0';
  return true;
}

static bool check_value(struct place *place, const json_t *value,
                        const struct member *member) {
  const char *what = mismatch(value, member->kind);
  if (what != NULL) {
    return complain(place, what);
  }
  if (member->kind == OBJECT) {
    return check_members(place, value, member->members);
  }
  if (member->kind != OBJECTS) {
    return true;
  }
  size_t len = strlen(place->path);
  size_t index;
  json_t *item;
  json_array_foreach(value, index, item) {
    snprintf(place->path + len, sizeof place->path - len, "[%zu]", index);
    if (!json_is_object(item)) {
      return complain(place, "is not an object");
    }
    if (!check_members(place, item, member->members)) {
      return false;
    }
  }
  place->path[len] = '\0';
  return true;
}

/* Results name a target and a case; readers look both up. */
static bool check_references(struct place *place, const json_t *document) {
  json_t *known = wsc_json_object();
  size_t index;
  json_t *item;
  bool sound = true;
  json_array_foreach(json_object_get(document, "targets"), index, item) {
    wsc_json_put(known, wsc_json_string_of(item, "id"), json_true());
  }
  json_array_foreach(json_object_get(document, "results"), index, item) {
    if (json_object_get(known, wsc_json_string_of(item, "target")) == NULL) {
      snprintf(place->path, sizeof place->path, "$.results[%zu].target", index);
      sound = complain(place, "names no target of the document");
      break;
    }
  }
  json_decref(known);
  return sound;
}

/* "wsspec-run/1" is ours; a higher number is a newer tool's. */
static bool check_schema(struct place *place, const json_t *document) {
  const json_t *schema = json_object_get(document, "schema");
  const char *name = json_string_value(schema);
  snprintf(place->path, sizeof place->path, "$.schema");
  if (name != NULL && strcmp(name, WSC_RUN_SCHEMA) == 0) {
    return true;
  }
  if (name != NULL && strncmp(name, "wsspec-run/", 11) == 0) {
    return complain(place, "was written by a newer wsspec; this one reads "
                           "\"" WSC_RUN_SCHEMA "\"");
  }
  return complain(place, "is not \"" WSC_RUN_SCHEMA
                         "\": this is no run document of wsspec");
}

bool wsc_rules_check(const json_t *document, char **error) {
  struct place place = {"$", error};
  if (!json_is_object(document)) {
    return complain(&place, "is not an object");
  }
  if (!check_schema(&place, document)) {
    return false;
  }
  snprintf(place.path, sizeof place.path, "$");
  return check_members(&place, document, document_members) &&
         check_references(&place, document);
}
