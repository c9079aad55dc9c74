/* lua_response.c: the head of a response as scripts see it. */
#include <string.h>

#include "host_internal.h"
#include "ws/grammar.h"

#define RESPONSE "wsspec.response"

struct response {
  struct ws_http_head head;
  struct ws_http_field fields[WSC_MAX_FIELDS];
};

/* Parsed anew over the string that Lua owns: independent of the trial. */
void wsc_lua_response_push(lua_State *lua, const struct ws_http_head *head,
                           const char *bytes, size_t len) {
  struct response *response = lua_newuserdatauv(lua, sizeof *response, 1);
  const char *copy = lua_pushlstring(lua, bytes, len);
  ws_http_parse(&response->head, head->kind, (const uint8_t *)copy, len,
                response->fields, WSC_MAX_FIELDS);
  lua_setiuservalue(lua, -2, 1);
  luaL_setmetatable(lua, RESPONSE);
}

static const struct ws_http_head *check(lua_State *lua) {
  return &((struct response *)luaL_checkudata(lua, 1, RESPONSE))->head;
}

const struct ws_http_head *wsc_lua_test_response(lua_State *lua, int index) {
  const struct response *response = luaL_testudata(lua, index, RESPONSE);
  return response == NULL ? NULL : &response->head;
}

static void push_slice(lua_State *lua, struct ws_slice slice) {
  lua_pushlstring(lua, slice.len == 0 ? "" : (const char *)slice.data,
                  slice.len);
}

static int response_count(lua_State *lua) {
  const struct ws_http_head *head = check(lua);
  lua_pushinteger(lua,
                  (lua_Integer)ws_http_count(head, luaL_checkstring(lua, 2)));
  return 1;
}

static int response_get(lua_State *lua) {
  const struct ws_http_head *head = check(lua);
  lua_Integer index = luaL_optinteger(lua, 3, 1);
  const struct ws_http_field *field = ws_http_field(
      head, luaL_checkstring(lua, 2), index < 1 ? 0 : (size_t)index - 1);
  if (field == NULL) {
    lua_pushnil(lua);
  } else {
    push_slice(lua, field->value);
  }
  return 1;
}

static int response_all(lua_State *lua) {
  const struct ws_http_head *head = check(lua);
  const char *name = luaL_checkstring(lua, 2);
  size_t num = ws_http_count(head, name);
  lua_newtable(lua);
  for (size_t i = 0; i < num; i++) {
    push_slice(lua, ws_http_field(head, name, i)->value);
    lua_seti(lua, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int response_has_token(lua_State *lua) {
  const struct ws_http_head *head = check(lua);
  lua_pushboolean(lua, ws_http_has_token(head, luaL_checkstring(lua, 2),
                                         luaL_checkstring(lua, 3)));
  return 1;
}

static int response_quirks(lua_State *lua) {
  static const char *const names[] = {"bare-lf",        "bare-cr",
                                      "obs-fold",       "nul",
                                      "control",        "space-before-colon",
                                      "name-not-token", "no-colon",
                                      "start-line",     "non-ascii",
                                      "extra-fields"};
  const struct ws_http_head *head = check(lua);
  lua_newtable(lua);
  lua_Integer num = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if ((head->quirks & (1u << i)) != 0) {
      lua_pushstring(lua, names[i]);
      lua_seti(lua, -2, ++num);
    }
  }
  return 1;
}

static int response_index(lua_State *lua) {
  const struct ws_http_head *head = check(lua);
  const char *key = luaL_checkstring(lua, 2);
  luaL_getmetatable(lua, RESPONSE);
  lua_getfield(lua, -1, "methods");
  if (lua_getfield(lua, -1, key) != LUA_TNIL) {
    return 1;
  }
  if (strcmp(key, "status") == 0) {
    lua_pushinteger(lua, head->status);
  } else if (strcmp(key, "reason") == 0) {
    push_slice(lua, head->reason);
  } else if (strcmp(key, "version") == 0) {
    lua_pushfstring(lua, "%d.%d", head->version_major, head->version_minor);
  } else if (strcmp(key, "head") == 0) {
    lua_getiuservalue(lua, 1, 1);
  } else {
    return luaL_error(lua, "a response has no '%s'", key);
  }
  return 1;
}

/* Adds the parameters of an extension to the table on top, as "params". */
static bool add_params(lua_State *lua, struct ws_slice params) {
  struct ws_param param;
  enum ws_grammar result;
  lua_newtable(lua);
  lua_Integer num = 0;
  while ((result = ws_param_next(&params, &param)) == WS_GRAMMAR_OK) {
    lua_newtable(lua);
    push_slice(lua, param.name);
    lua_setfield(lua, -2, "name");
    if (param.has_value) {
      push_slice(lua, param.value);
      lua_setfield(lua, -2, "value");
    }
    lua_pushboolean(lua, param.quoted);
    lua_setfield(lua, -2, "quoted");
    lua_seti(lua, -2, ++num);
  }
  lua_setfield(lua, -2, "params");
  return result == WS_GRAMMAR_END;
}

/* Adds the extensions of one field's value to the list on top. */
static bool add_extensions(lua_State *lua, struct ws_slice value) {
  struct ws_extension extension;
  enum ws_grammar result;
  bool good = true;
  while ((result = ws_extension_next(&value, &extension)) == WS_GRAMMAR_OK) {
    lua_newtable(lua);
    push_slice(lua, extension.name);
    lua_setfield(lua, -2, "name");
    good = add_params(lua, extension.params) && good;
    lua_seti(lua, -2, luaL_len(lua, -2) + 1);
  }
  return good && result == WS_GRAMMAR_END;
}

static int outside_grammar(lua_State *lua, struct ws_slice value) {
  lua_pushnil(lua);
  push_slice(lua, value);
  lua_pushfstring(lua, "outside the grammar: %s", lua_tostring(lua, -1));
  lua_replace(lua, -2);
  return 2;
}

/* r:extensions(): what Sec-WebSocket-Extensions lists. */
static int response_extensions(lua_State *lua) {
  static const char name[] = "Sec-WebSocket-Extensions";
  const struct ws_http_head *head = check(lua);
  size_t num = ws_http_count(head, name);
  lua_newtable(lua);
  for (size_t i = 0; i < num; i++) {
    struct ws_slice value = ws_http_field(head, name, i)->value;
    if (!add_extensions(lua, value)) {
      return outside_grammar(lua, value);
    }
  }
  return 1;
}

/* parse_extensions(value): the same for one value; for the vocabulary. */
static int parse_extensions(lua_State *lua) {
  struct ws_slice value;
  value.data = (const uint8_t *)luaL_checklstring(lua, 1, &value.len);
  lua_newtable(lua);
  return add_extensions(lua, value) ? 1 : outside_grammar(lua, value);
}

/* accepted(trial, response, request): true when it is a 101 that belongs to the
 * key of the request's octets. */
static int response_accepted(lua_State *lua) {
  const struct ws_http_head *head = check(lua);
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 2);
  struct ws_slice request;
  request.data = (const uint8_t *)luaL_checklstring(lua, 3, &request.len);
  lua_pushboolean(lua,
                  wsc_request_accepted(trial, head, wsc_request_key(request)));
  return 1;
}

void wsc_lua_response_register(lua_State *lua) {
  static const luaL_Reg methods[] = {{"count", response_count},
                                     {"get", response_get},
                                     {"all", response_all},
                                     {"has_token", response_has_token},
                                     {"quirks", response_quirks},
                                     {"accepted", response_accepted},
                                     {"extensions", response_extensions},
                                     {NULL, NULL}};
  lua_register(lua, "parse_extensions", parse_extensions);
  luaL_newmetatable(lua, RESPONSE);
  luaL_newlib(lua, methods);
  lua_setfield(lua, -2, "methods");
  lua_pushcfunction(lua, response_index);
  lua_setfield(lua, -2, "__index");
  lua_pop(lua, 1);
}
