/* lua_autobahn.c: what the Autobahn Testsuite expects of a case, as its script
 * says it; for vocabulary_autobahn.lua. */
#include <string.h>

#include "host_internal.h"

static const char *const kinds[] = {"text", "binary", "ping",
                                    "pong", "mark",   NULL};

/* An element of a list of events: { "text", "payload" }, or a number of octets
 * in place of the payload when any will do. */
static void read_event(lua_State *lua, struct wsc_trial *trial,
                       struct wsc_autobahn_event *event) {
  luaL_checktype(lua, -1, LUA_TTABLE);
  lua_geti(lua, -1, 1);
  event->kind = (enum wsc_autobahn_kind)luaL_checkoption(lua, -1, NULL, kinds);
  lua_pop(lua, 1);
  if (lua_geti(lua, -1, 2) == LUA_TNUMBER) {
    event->len = (size_t)luaL_checkinteger(lua, -1);
  } else {
    const char *payload = luaL_checklstring(lua, -1, &event->len);
    event->payload = (const uint8_t *)wsc_arena_copy(&trial->outcome->arena,
                                                     payload, event->len);
  }
  lua_pop(lua, 1);
}

static bool read_list(lua_State *lua, struct wsc_trial *trial, const char *key,
                      struct wsc_autobahn_list *list) {
  bool there = lua_getfield(lua, 2, key) != LUA_TNIL;
  list->times = 1;
  if (there) {
    luaL_checktype(lua, -1, LUA_TTABLE);
    list->num = (size_t)luaL_len(lua, -1);
    struct wsc_autobahn_event *events = wsc_arena_alloc(
        &trial->outcome->arena, (list->num + 1) * sizeof *events);
    for (size_t i = 0; i < list->num; i++) {
      lua_geti(lua, -1, (lua_Integer)i + 1);
      read_event(lua, trial, &events[i]);
      lua_pop(lua, 1);
    }
    list->events = events;
  }
  lua_pop(lua, 1);
  return there;
}

static void read_codes(lua_State *lua, struct wsc_autobahn_plan *plan) {
  lua_getfield(lua, 2, "codes");
  luaL_checktype(lua, -1, LUA_TTABLE);
  for (lua_Integer i = 1; lua_geti(lua, -1, i) != LUA_TNIL; i++) {
    luaL_argcheck(lua, plan->num_codes < WSC_AUTOBAHN_CODES_MAX, 2,
                  "at most 4 status codes");
    plan->codes[plan->num_codes++] = (uint16_t)luaL_checkinteger(lua, -1);
    lua_pop(lua, 1);
  }
  lua_pop(lua, 2);
}

int wsc_lua_plan_autobahn(lua_State *lua) {
  static const char *const allowed[] = {
      "events",       "non_strict",  "times",     "codes",
      "peer_closes",  "clean",       "info",      "direct",
      "close_counts", "code_counts", "raw_close", NULL};
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  lua_settop(lua, 2);
  luaL_checktype(lua, 2, LUA_TTABLE);
  wsc_lua_check_options(lua, 2, allowed);
  struct wsc_autobahn_plan plan = {
      .direct = wsc_lua_option_bool(lua, 2, "direct", false),
      .informational = wsc_lua_option_bool(lua, 2, "info", false),
      .peer_closes = wsc_lua_option_bool(lua, 2, "peer_closes", false),
      .clean = wsc_lua_option_bool(lua, 2, "clean", false),
      .close_counts = wsc_lua_option_bool(lua, 2, "close_counts", false),
      .code_counts = wsc_lua_option_bool(lua, 2, "code_counts", false),
      .raw_close = wsc_lua_option_bool(lua, 2, "raw_close", false),
  };
  read_list(lua, trial, "events", &plan.ok);
  plan.ok.times = (size_t)wsc_lua_option_int(lua, 2, "times", 1);
  plan.has_non_strict = read_list(lua, trial, "non_strict", &plan.non_strict);
  read_codes(lua, &plan);
  wsc_trial_plan_autobahn(trial, &plan);
  return 0;
}

static struct wsc_autobahn *check_record(lua_State *lua) {
  struct wsc_autobahn *record = wsc_lua_check_trial(lua, 1)->autobahn;
  if (record == NULL) {
    luaL_error(lua, "nothing is planned for Autobahn's verdict");
  }
  return record;
}

int wsc_lua_mark_autobahn(lua_State *lua) {
  struct wsc_autobahn *record = check_record(lua);
  struct wsc_autobahn_event mark = {.kind = WSC_AUTOBAHN_MARK};
  mark.payload = (const uint8_t *)luaL_checklstring(lua, 2, &mark.len);
  wsc_autobahn_note_event(record, &mark);
  return 0;
}

int wsc_lua_say_autobahn(lua_State *lua) {
  static const char *const words[] = {"OK", "UNIMPLEMENTED", NULL};
  struct wsc_autobahn *record = check_record(lua);
  wsc_autobahn_note_behavior(record,
                             words[luaL_checkoption(lua, 2, NULL, words)]);
  return 0;
}
