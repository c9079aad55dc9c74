#include <string.h>

#include "host_internal.h"

static const char stop_key = 's';
static const char end_key = 'e';

static int raise_key(lua_State *lua, const char *key) {
  lua_pushlightuserdata(lua, (void *)(uintptr_t)key);
  return lua_error(lua);
}

static bool is_key(lua_State *lua, int index, const char *key) {
  return lua_islightuserdata(lua, index) &&
         lua_touserdata(lua, index) == (const void *)key;
}

int wsc_lua_stop(lua_State *lua) {
  return raise_key(lua, &stop_key);
}

int wsc_lua_end(lua_State *lua) {
  return raise_key(lua, &end_key);
}

bool wsc_lua_is_stop(lua_State *lua, int index) {
  return is_key(lua, index, &stop_key);
}

bool wsc_lua_is_end(lua_State *lua, int index) {
  return is_key(lua, index, &end_key);
}

static bool in_case(const lua_Debug *info, const struct wsc_case *of) {
  return info->currentline >= of->line && info->currentline <= of->end_line &&
         strcmp(info->source + 1, of->file) == 0;
}

/* A failure points at the case's own line; where the case called a helper of
 * its file, at the call. Frames of the vocabulary (chunks that are no file) and
 * of C are passed over. */
void wsc_lua_mark_line(lua_State *lua, struct wsc_trial *trial) {
  lua_Debug info;
  trial->line = 0;
  for (int level = 0; lua_getstack(lua, level, &info) != 0; level++) {
    lua_getinfo(lua, "Sl", &info);
    if (info.source[0] != '@' || info.currentline <= 0) {
      continue;
    }
    if (in_case(&info, trial->info)) {
      trial->line = info.currentline;
      return;
    }
    if (trial->line == 0) {
      trial->line = info.currentline;
    }
  }
}

void wsc_lua_check_options(lua_State *lua, int index,
                           const char *const *allowed) {
  if (lua_isnoneornil(lua, index)) {
    return;
  }
  luaL_checktype(lua, index, LUA_TTABLE);
  lua_pushnil(lua);
  while (lua_next(lua, index) != 0) {
    const char *key =
        lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : NULL;
    size_t i = 0;
    while (key != NULL && allowed[i] != NULL && strcmp(allowed[i], key) != 0) {
      i++;
    }
    if (key == NULL || allowed[i] == NULL) {
      luaL_error(lua, "unknown option '%s'", key == NULL ? "?" : key);
    }
    lua_pop(lua, 1);
  }
}

static bool push_option(lua_State *lua, int index, const char *key) {
  if (!lua_istable(lua, index)) {
    return false;
  }
  if (lua_getfield(lua, index, key) == LUA_TNIL) {
    lua_pop(lua, 1);
    return false;
  }
  return true;
}

bool wsc_lua_option_bool(lua_State *lua, int index, const char *key,
                         bool otherwise) {
  if (!push_option(lua, index, key)) {
    return otherwise;
  }
  bool value = lua_toboolean(lua, -1) != 0;
  lua_pop(lua, 1);
  return value;
}

lua_Integer wsc_lua_option_int(lua_State *lua, int index, const char *key,
                               lua_Integer otherwise) {
  if (!push_option(lua, index, key)) {
    return otherwise;
  }
  int is_integer = 0;
  lua_Integer value = lua_tointegerx(lua, -1, &is_integer);
  if (!is_integer) {
    luaL_error(lua, "option '%s' must be an integer", key);
  }
  lua_pop(lua, 1);
  return value;
}

uint64_t wsc_lua_option_time(lua_State *lua, int index, const char *key,
                             uint64_t otherwise) {
  if (!push_option(lua, index, key)) {
    return otherwise;
  }
  int is_number = 0;
  lua_Number value = lua_tonumberx(lua, -1, &is_number);
  if (!is_number || !(value >= 0 && value <= 3600)) { /* NaN neither */
    luaL_error(lua, "option '%s' must be seconds, 0 to 3600", key);
  }
  lua_pop(lua, 1);
  return (uint64_t)(value * 1e6);
}

static const char *listed(lua_State *lua, const char *id,
                          const struct wsc_trial *trial) {
  const struct wsc_case *info = trial->info;
  for (size_t i = 0; i < info->num_requirements; i++) {
    if (strcmp(info->requirements[i], id) == 0) {
      return info->requirements[i];
    }
  }
  luaL_error(lua, "the case does not list requirement '%s'", id);
  return NULL;
}

const char *wsc_lua_check_req(lua_State *lua, int index,
                              struct wsc_trial *trial) {
  return listed(lua, luaL_checkstring(lua, index), trial);
}

const char *wsc_lua_option_req(lua_State *lua, int index,
                               struct wsc_trial *trial) {
  if (push_option(lua, index, "req")) {
    const char *found = listed(lua, luaL_checkstring(lua, -1), trial);
    lua_pop(lua, 1);
    return found;
  }
  if (trial->info->num_requirements == 0) {
    luaL_error(lua, "the case lists no requirement");
  }
  return trial->info->requirements[0];
}

static void hook(lua_State *lua, lua_Debug *info) {
  (void)info;
  struct wsc_host *host = wsc_host_of(lua);
  if (++host->budget > WSC_INSTRUCTIONS_MAX / WSC_HOOK_EVERY) {
    host->budget = 0;
    luaL_where(lua, 0);
    lua_pushfstring(lua, "%sthe script ran for %d instructions without waiting",
                    lua_tostring(lua, -1), WSC_INSTRUCTIONS_MAX);
    lua_error(lua);
  }
}

void wsc_lua_watch(lua_State *lua) {
  lua_sethook(lua, hook, LUA_MASKCOUNT, WSC_HOOK_EVERY);
}
