/* lua_link.c: a connection as scripts see it: sending. */
#include <string.h>

#include "host_internal.h"

#define LINK "wsspec.link"

void wsc_lua_link_push(lua_State *lua, int trial_index, struct wsc_link *link) {
  struct wsc_lua_link *handle = lua_newuserdatauv(lua, sizeof *handle, 2);
  handle->link = link;
  handle->owner = lua_touserdata(lua, trial_index);
  lua_pushvalue(lua, trial_index);
  lua_setiuservalue(lua, -2, 1);
  luaL_setmetatable(lua, LINK);
}

struct wsc_link *wsc_lua_check_link(lua_State *lua, int index) {
  struct wsc_lua_link *handle = luaL_checkudata(lua, index, LINK);
  if (handle->owner->trial == NULL) {
    luaL_error(lua, "the case has ended");
  }
  wsc_lua_mark_line(lua, handle->owner->trial);
  return handle->link;
}

struct wsc_link *wsc_lua_check_session(lua_State *lua, int index) {
  struct wsc_link *link = wsc_lua_check_link(lua, index);
  if (wsc_link_session(link) == NULL) {
    luaL_error(lua, "the connection is not open: call upgrade() first");
  }
  return link;
}

/* ---- octets ---- */

static int link_send(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  struct wsc_trial *trial = wsc_link_trial(link);
  size_t len;
  const uint8_t *data = (const uint8_t *)luaL_checklstring(lua, 2, &len);
  wsc_link_send(link, data, len);
  wsc_trial_step(trial, wsc_link_id(link), true, "send", "%zu bytes %s", len,
                 wsc_trial_quote(trial, data, len, 48));
  lua_settop(lua, 1);
  return 1;
}

static int link_cork(lua_State *lua) {
  wsc_link_cork(wsc_lua_check_link(lua, 1));
  lua_settop(lua, 1);
  return 1;
}

static int link_flush(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  lua_Integer piece = luaL_optinteger(lua, 2, 0);
  luaL_argcheck(lua, piece >= 0, 2, "must not be negative");
  wsc_link_flush(link, (size_t)piece);
  wsc_trial_step(wsc_link_trial(link), wsc_link_id(link), true, "send",
                 piece == 0 ? "all of that in one write"
                            : "all of that in writes of %d bytes",
                 (int)piece);
  lua_settop(lua, 1);
  return 1;
}

static int link_fin(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  wsc_link_finish(link);
  wsc_trial_step(wsc_link_trial(link), wsc_link_id(link), true, "send", "FIN");
  lua_settop(lua, 1);
  return 1;
}

static int link_reset(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  wsc_link_reset(link);
  wsc_trial_step(wsc_link_trial(link), wsc_link_id(link), true, "send", "RST");
  lua_settop(lua, 1);
  return 1;
}

static int link_release(lua_State *lua) {
  wsc_link_release(wsc_lua_check_link(lua, 1));
  return 0;
}

static int link_upgrade(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  if (wsc_link_session(link) != NULL) {
    return luaL_error(lua, "the connection is open already");
  }
  lua_settop(lua, 1);
  lua_getiuservalue(lua, 1, 2);
  const struct ws_http_head *response = wsc_lua_test_response(lua, 2);
  struct wsc_deflate_agreement agreement;
  bool agreed = response != NULL && wsc_deflate_agreed(&agreement, response);
  wsc_session_begin(link, agreed ? &agreement : NULL);
  lua_settop(lua, 1);
  return 1;
}

/* ---- frames ---- */

static const char *const frame_options[] = {
    "opcode", "payload", "fin",     "rsv",   "masked", "key",
    "form",   "length",  "deflate", "level", "bits",   NULL};

/* How to compress; zlib's own level and the agreed window unless told. */
static struct wsc_deflate_options deflate_options(lua_State *lua, int index) {
  lua_Integer level = wsc_lua_option_int(lua, index, "level", -1);
  lua_Integer bits = wsc_lua_option_int(lua, index, "bits", 0);
  if (level < -1 || level > 9) {
    luaL_error(lua, "option 'level' must be 0 to 9");
  }
  if (bits != 0 && (bits < 9 || bits > 15)) {
    luaL_error(lua, "option 'bits' must be 9 to 15");
  }
  return (struct wsc_deflate_options){.level = (int)level, .bits = (int)bits};
}

static void read_deflate(lua_State *lua, int index, struct wsc_send *send) {
  send->deflate = wsc_lua_option_bool(lua, index, "deflate", false);
  send->options = deflate_options(lua, index);
  bool whole =
      send->fin && (send->opcode == WS_OP_TEXT || send->opcode == WS_OP_BINARY);
  if (send->deflate && !whole) {
    luaL_error(lua,
               "option 'deflate' is for whole messages; for fragments, cut "
               "what deflated() gives");
  }
}

static void check_agreed(lua_State *lua, const struct wsc_session *session) {
  if (wsc_session_agreement(session) == NULL) {
    luaL_error(lua, "permessage-deflate was not agreed: see open_deflate()");
  }
}

static void read_options(lua_State *lua, int index, struct wsc_send *send) {
  if (!lua_istable(lua, index)) {
    return;
  }
  wsc_lua_check_options(lua, index, frame_options);
  send->fin = wsc_lua_option_bool(lua, index, "fin", send->fin);
  send->masked = wsc_lua_option_bool(lua, index, "masked", send->masked);
  send->rsv = (uint8_t)(wsc_lua_option_int(lua, index, "rsv", 0) & 7);
  send->form = (int)wsc_lua_option_int(lua, index, "form", 0);
  if (send->form != 0 && send->form != 7 && send->form != 16 &&
      send->form != 64) {
    luaL_error(lua, "option 'form' must be 7, 16 or 64");
  }
  send->opcode =
      (uint8_t)(wsc_lua_option_int(lua, index, "opcode", send->opcode) & 15);
  read_deflate(lua, index, send);
  if (lua_getfield(lua, index, "length") != LUA_TNIL) {
    send->has_length = true;
    send->length = (uint64_t)luaL_checkinteger(lua, -1);
  }
  if (lua_getfield(lua, index, "key") != LUA_TNIL) {
    size_t len;
    const char *key = luaL_checklstring(lua, -1, &len);
    luaL_argcheck(lua, len == 4, index, "a masking key has 4 octets");
    send->has_key = true;
    memcpy(send->key, key, 4);
  }
  if (lua_getfield(lua, index, "payload") != LUA_TNIL) {
    send->payload = (const uint8_t *)luaL_checklstring(lua, -1, &send->len);
  }
}

static int send_frame(lua_State *lua, struct wsc_send *send, int options) {
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  read_options(lua, options, send);
  if (send->deflate) {
    check_agreed(lua, wsc_link_session(link));
  }
  wsc_session_send(wsc_link_session(link), send);
  lua_settop(lua, 1);
  return 1;
}

static int send_opcode(lua_State *lua, uint8_t opcode) {
  struct wsc_send send = {.opcode = opcode, .fin = true, .masked = true};
  lua_settop(lua, 3);
  send.payload = (const uint8_t *)luaL_optlstring(lua, 2, "", &send.len);
  return send_frame(lua, &send, 3);
}

static int link_text(lua_State *lua) {
  return send_opcode(lua, WS_OP_TEXT);
}

/* 7.4.1: "an endpoint that understands only text data MAY send this [1003] if
 * it receives a binary message". So a case that wants an echo cannot go on. */
static int link_binary(lua_State *lua) {
  struct wsc_trial *trial = wsc_link_trial(wsc_lua_check_session(lua, 1));
  if (trial->context->text_only && trial->info->needs_echo) {
    wsc_outcome_abandon(trial->outcome, WSC_SKIP,
                        "the peer takes no binary messages (Close 1003)");
    return wsc_lua_end(lua);
  }
  return send_opcode(lua, WS_OP_BINARY);
}

static int link_continuation(lua_State *lua) {
  return send_opcode(lua, WS_OP_CONTINUATION);
}

static int link_ping(lua_State *lua) {
  return send_opcode(lua, WS_OP_PING);
}

static int link_pong(lua_State *lua) {
  return send_opcode(lua, WS_OP_PONG);
}

static int link_frame(lua_State *lua) {
  struct wsc_send send = {
      .fin = true, .masked = true, .payload = (const uint8_t *)""};
  lua_settop(lua, 2);
  luaL_checktype(lua, 2, LUA_TTABLE);
  return send_frame(lua, &send, 2);
}

/* ws:close(code, reason, opts): the body is code and reason, unless
 * opts.payload gives it raw. */
static int link_close(lua_State *lua) {
  struct wsc_send send = {.opcode = WS_OP_CLOSE, .fin = true, .masked = true};
  lua_settop(lua, 4);
  lua_Integer code = luaL_optinteger(lua, 2, -1);
  luaL_argcheck(lua, code >= -1 && code <= 65535, 2, "0 to 65535");
  size_t len;
  const char *reason = luaL_optlstring(lua, 3, "", &len);
  luaL_Buffer body;
  luaL_buffinit(lua, &body);
  if (code >= 0) {
    luaL_addchar(&body, (char)(code >> 8));
    luaL_addchar(&body, (char)(code & 0xFF));
    luaL_addlstring(&body, reason, len);
  }
  luaL_pushresult(&body);
  send.payload = (const uint8_t *)lua_tolstring(lua, 5, &send.len);
  return send_frame(lua, &send, 4);
}

/* ws:deflated(payload, opts): the octets of a compressed message. */
static int link_deflated(lua_State *lua) {
  static const char *const allowed[] = {"level", "bits", NULL};
  struct wsc_session *session = wsc_link_session(wsc_lua_check_session(lua, 1));
  struct ws_slice message;
  lua_settop(lua, 3);
  message.data = (const uint8_t *)luaL_checklstring(lua, 2, &message.len);
  wsc_lua_check_options(lua, 3, allowed);
  struct wsc_deflate_options options = deflate_options(lua, 3);
  check_agreed(lua, session);
  struct ws_slice octets = wsc_session_deflated(session, message, &options);
  lua_pushlstring(lua, (const char *)octets.data, octets.len);
  return 1;
}

static int push_agreement(lua_State *lua, const struct wsc_link *link) {
  const struct wsc_session *session = wsc_link_session(link);
  const struct wsc_deflate_agreement *agreement =
      session == NULL ? NULL : wsc_session_agreement(session);
  if (agreement == NULL) {
    lua_pushnil(lua);
    return 1;
  }
  lua_newtable(lua);
  lua_pushboolean(lua, agreement->server_no_context_takeover);
  lua_setfield(lua, -2, "server_no_context_takeover");
  lua_pushboolean(lua, agreement->client_no_context_takeover);
  lua_setfield(lua, -2, "client_no_context_takeover");
  lua_pushinteger(lua, agreement->server_max_window_bits);
  lua_setfield(lua, -2, "server_max_window_bits");
  lua_pushinteger(lua, agreement->client_max_window_bits);
  lua_setfield(lua, -2, "client_max_window_bits");
  return 1;
}

static int link_index(lua_State *lua) {
  const char *key = luaL_checkstring(lua, 2);
  luaL_getmetatable(lua, LINK);
  lua_getfield(lua, -1, "methods");
  if (lua_getfield(lua, -1, key) != LUA_TNIL) {
    return 1;
  }
  if (strcmp(key, "handshake") == 0) {
    luaL_checkudata(lua, 1, LINK);
    lua_getiuservalue(lua, 1, 2);
    return 1;
  }
  if (strcmp(key, "deflate") == 0) {
    return push_agreement(lua, wsc_lua_check_link(lua, 1));
  }
  return luaL_error(lua, "a connection has no '%s'", key);
}

void wsc_lua_link_register(lua_State *lua) {
  static const luaL_Reg methods[] = {
      {"send", link_send},         {"cork", link_cork},
      {"flush", link_flush},       {"fin", link_fin},
      {"reset", link_reset},       {"release", link_release},
      {"upgrade", link_upgrade},   {"text", link_text},
      {"binary", link_binary},     {"continuation", link_continuation},
      {"ping", link_ping},         {"pong", link_pong},
      {"frame", link_frame},       {"close", link_close},
      {"deflated", link_deflated}, {NULL, NULL}};
  luaL_newmetatable(lua, LINK);
  luaL_newlib(lua, methods);
  wsc_lua_expect_register(lua);
  wsc_lua_flow_link_register(lua);
  lua_pushvalue(lua, -1);
  lua_setglobal(lua, "L"); /* vocabulary.lua adds to it */
  lua_setfield(lua, -2, "methods");
  lua_pushcfunction(lua, link_index);
  lua_setfield(lua, -2, "__index");
  lua_pop(lua, 1);
}
