/* lua_request.c: t:request, the octets of an opening request. */
#include <string.h>

#include "host_internal.h"

static struct ws_slice check_slice(lua_State *lua, int index) {
  struct ws_slice slice;
  slice.data = (const uint8_t *)luaL_checklstring(lua, index, &slice.len);
  return slice;
}

/* Overwrites *slice by the string option `key`; the string stays on the stack,
 * alive. */
static void option_slice(lua_State *lua, int index, const char *key,
                         struct ws_slice *slice) {
  if (lua_getfield(lua, index, key) != LUA_TNIL) {
    *slice = check_slice(lua, -1);
  }
}

static void apply_drop(lua_State *lua, struct wsc_request *request) {
  if (lua_getfield(lua, 2, "drop") == LUA_TTABLE) {
    for (lua_Integer i = 1; lua_geti(lua, -1, i) != LUA_TNIL; i++) {
      wsc_request_drop(request, check_slice(lua, -1));
      lua_pop(lua, 1);
    }
  }
}

static void apply_set(lua_State *lua, struct wsc_request *request) {
  if (lua_getfield(lua, 2, "set") != LUA_TTABLE) {
    return;
  }
  lua_pushnil(lua);
  while (lua_next(lua, -2) != 0) {
    wsc_request_set(request, check_slice(lua, -2), check_slice(lua, -1));
    lua_pop(lua, 1);
  }
}

static void apply_add(lua_State *lua, struct wsc_request *request) {
  if (lua_getfield(lua, 2, "add") != LUA_TTABLE) {
    return;
  }
  int list = lua_gettop(lua);
  for (lua_Integer i = 1; lua_geti(lua, list, i) == LUA_TTABLE; i++) {
    luaL_checkstack(lua, 8, NULL);
    lua_geti(lua, -1, 1);
    lua_geti(lua, -2, 2);
    wsc_request_add(request, check_slice(lua, -2), check_slice(lua, -1));
    /* The pair's table stays on the stack and keeps its strings alive. */
  }
}

static void apply_options(lua_State *lua, struct wsc_request *request,
                          struct wsc_trial *trial) {
  struct ws_slice list = {NULL, 0};
  option_slice(lua, 2, "method", &request->method);
  option_slice(lua, 2, "target", &request->target);
  option_slice(lua, 2, "version", &request->version);
  option_slice(lua, 2, "eol", &request->eol);
  if (lua_getfield(lua, 2, "key") != LUA_TNIL) {
    request->key = check_slice(lua, -1);
    wsc_request_set(request, ws_slice_of("Sec-WebSocket-Key"), request->key);
  }
  option_slice(lua, 2, "protocols", &list);
  if (list.data != NULL) {
    wsc_request_add(request, ws_slice_of("Sec-WebSocket-Protocol"), list);
  }
  list.data = NULL;
  option_slice(lua, 2, "extensions", &list);
  if (list.data != NULL) {
    wsc_request_add(request, ws_slice_of("Sec-WebSocket-Extensions"), list);
  }
  apply_drop(lua, request);
  apply_set(lua, request);
  apply_add(lua, request);
  if (lua_getfield(lua, 2, "order") != LUA_TNIL) {
    wsc_request_reverse(request);
  }
  if (lua_getfield(lua, 2, "names") != LUA_TNIL) {
    bool upper = strcmp(luaL_checkstring(lua, -1), "upper") == 0;
    wsc_request_names(request, trial, upper);
  }
}

int wsc_lua_request(lua_State *lua) {
  static const char *const allowed[] = {
      "method",    "target",     "version", "key",   "drop", "set", "add",
      "protocols", "extensions", "order",   "names", "eol",  NULL};
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  struct wsc_request request;
  lua_settop(lua, 2);
  luaL_checkstack(lua, 3 * WSC_REQUEST_FIELDS, NULL);
  wsc_lua_check_options(lua, 2, allowed);
  wsc_request_init(&request, trial);
  if (lua_istable(lua, 2)) {
    apply_options(lua, &request, trial);
  }
  struct ws_slice bytes = wsc_request_write(&request, trial);
  lua_pushlstring(lua, (const char *)bytes.data, bytes.len);
  return 1;
}
