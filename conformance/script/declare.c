/* declare.c: `case { ... }`: checks every field, and keeps the case. */
#include <ctype.h>
#include <string.h>

#include "host_internal.h"
#include "testee.h"

static const char *const fields[] = {
    "id",       "title", "requirements", "autobahn", "needs", "tags", "since",
    "baseline", "info",  "passive",      "weight",   "run",   NULL};

const char *wsc_lua_field(lua_State *lua, struct wsc_host *host,
                          const char *key, const char *otherwise) {
  const char *text = otherwise;
  if (lua_getfield(lua, 1, key) != LUA_TNIL) {
    if (lua_type(lua, -1) != LUA_TSTRING) {
      luaL_error(lua, "the field '%s' must be a string", key);
    }
    text = wsc_arena_printf(&host->arena, "%s", lua_tostring(lua, -1));
  } else if (otherwise == NULL) {
    luaL_error(lua, "the field '%s' is missing", key);
  }
  lua_pop(lua, 1);
  return text;
}

const char *const *wsc_lua_field_list(lua_State *lua, struct wsc_host *host,
                                      const char *key, size_t *num) {
  *num = 0;
  if (lua_getfield(lua, 1, key) == LUA_TNIL) {
    lua_pop(lua, 1);
    return NULL;
  }
  if (!lua_istable(lua, -1)) {
    luaL_error(lua, "the field '%s' must be a list of strings", key);
  }
  *num = (size_t)luaL_len(lua, -1);
  const char **list = wsc_arena_alloc(&host->arena, (*num + 1) * sizeof *list);
  for (size_t i = 0; i < *num; i++) {
    lua_geti(lua, -1, (lua_Integer)i + 1);
    if (lua_type(lua, -1) != LUA_TSTRING) {
      luaL_error(lua, "the field '%s' must be a list of strings", key);
    }
    list[i] = wsc_arena_printf(&host->arena, "%s", lua_tostring(lua, -1));
    lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
  return list;
}

static void check_id(lua_State *lua, const struct wsc_host *host,
                     const char *id) {
  for (const char *c = id; *c != '\0'; c++) {
    if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) &&
        strchr(".-", *c) == NULL) {
      luaL_error(lua, "case id '%s': only a-z, 0-9, '.' and '-'", id);
    }
  }
  if (strchr(id, '.') == NULL) {
    luaL_error(lua, "case id '%s' must be AREA.SLUG", id);
  }
  for (size_t i = 0; i < host->num_cases; i++) {
    if (strcmp(host->cases[i]->id, id) == 0) {
      luaL_error(lua, "case id '%s' is taken (%s:%d)", id, host->cases[i]->file,
                 host->cases[i]->line);
    }
  }
}

static void read_function(lua_State *lua, struct wsc_host *host,
                          struct wsc_declared *declared) {
  lua_Debug info;
  if (lua_getfield(lua, 1, "run") != LUA_TFUNCTION) {
    luaL_error(lua, "the field 'run' must be a function");
  }
  lua_pushvalue(lua, -1);
  lua_getinfo(lua, ">S", &info);
  declared->info.line = info.linedefined;
  declared->info.end_line = info.lastlinedefined;
  const char *source = info.source[0] == '@' ? info.source + 1 : "wsspec";
  declared->info.file = wsc_arena_printf(&host->arena, "%s", source);
  declared->run = luaL_ref(lua, LUA_REGISTRYINDEX);
}

static void read_needs(lua_State *lua, struct wsc_host *host,
                       struct wsc_case *info) {
  size_t num;
  const char *const *needs = wsc_lua_field_list(lua, host, "needs", &num);
  for (size_t i = 0; i < num; i++) {
    unsigned commands = 0;
    bool echo = strcmp(needs[i], "echo") == 0;
    if (strncmp(needs[i], "do:", 3) == 0) {
      commands = wsc_do_set(needs[i] + 3);
    }
    bool tls = strcmp(needs[i], "tls") == 0;
    bool answer = strcmp(needs[i], "answer") == 0;
    if (!echo && !tls && !answer && commands == 0) {
      luaL_error(lua, "unknown need '%s'", needs[i]);
    }
    info->needs_echo = info->needs_echo || echo;
    info->needs_answer = info->needs_answer || answer;
    info->needs_tls = info->needs_tls || tls;
    info->needs_do |= commands;
  }
}

int wsc_lua_case(lua_State *lua) {
  struct wsc_host *host = wsc_host_of(lua);
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 1);
  wsc_lua_check_options(lua, 1, fields);
  struct wsc_declared *declared =
      wsc_arena_alloc(&host->arena, sizeof *declared);
  struct wsc_case *info = &declared->info;
  info->id = wsc_lua_field(lua, host, "id", NULL);
  check_id(lua, host, info->id);
  info->title = wsc_lua_field(lua, host, "title", NULL);
  info->since = wsc_lua_field(lua, host, "since", "1.0");
  info->requirements =
      wsc_lua_field_list(lua, host, "requirements", &info->num_requirements);
  info->autobahn =
      wsc_lua_field_list(lua, host, "autobahn", &info->num_autobahn);
  info->tags = wsc_lua_field_list(lua, host, "tags", &info->num_tags);
  read_needs(lua, host, info);
  info->baseline = wsc_lua_option_bool(lua, 1, "baseline", false);
  info->info_only = wsc_lua_option_bool(lua, 1, "info", false);
  info->passive = wsc_lua_option_bool(lua, 1, "passive", false);
  info->weight = (unsigned)wsc_lua_option_int(lua, 1, "weight", 1);
  if (info->weight < 1 || info->weight > 256) {
    return luaL_error(lua, "the field 'weight' must be 1 to 256");
  }
  read_function(lua, host, declared);
  if (host->internal) {
    host->sanity[strcmp(info->id, "sanity.first") == 0 ? 0 : 1] = info;
    return 0;
  }
  if (info->num_requirements == 0) {
    return luaL_error(lua, "case '%s' lists no requirement", info->id);
  }
  host->cases =
      wsc_arena_grow(&host->arena, (void *)host->cases, host->num_cases,
                     &host->cap_cases, sizeof *host->cases);
  host->cases[host->num_cases++] = info;
  return 0;
}
