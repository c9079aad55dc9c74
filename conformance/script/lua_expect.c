/* lua_expect.c: a connection as scripts see it: expecting.
 *
 * An operation of the engine lives in a userdata on the stack of its verb, and
 * is stepped by the verb's continuation until it is done. */
#include <string.h>

#include "host_internal.h"
#include "ws/close.h"

#define ALLOW_MAX 32

struct pending {
  struct wsc_link *link;
  enum wsc_progress (*step)(struct pending *pending);
  int (*result)(lua_State *lua, struct pending *pending);
  struct wsc_payload allow[ALLOW_MAX];
  union {
    struct wsc_expect_message message;
    struct wsc_expect_pong pong;
    struct wsc_expect_close close;
    struct wsc_expect_end end;
    struct wsc_expect_failed failed;
    struct wsc_alive alive;
    struct wsc_finish finish;
    struct wsc_next next;
    struct wsc_response response;
  } op;
};

static int drive(lua_State *lua, int status, lua_KContext context) {
  (void)status;
  struct pending *pending = (struct pending *)context;
  switch (pending->step(pending)) {
  case WSC_PENDING:
    return lua_yieldk(lua, 0, context, drive);
  case WSC_STOP:
    return wsc_lua_stop(lua);
  case WSC_DONE:
    break;
  }
  return pending->result == NULL ? 0 : pending->result(lua, pending);
}

static struct pending *begin(lua_State *lua, struct wsc_link *link) {
  struct pending *pending = lua_newuserdatauv(lua, sizeof *pending, 0);
  memset(pending, 0, sizeof *pending);
  pending->link = link;
  wsc_trial_waits(wsc_link_trial(link));
  return pending;
}

static int run(lua_State *lua, struct pending *pending) {
  return drive(lua, LUA_OK, (lua_KContext)pending);
}

static struct wsc_payload check_payload(lua_State *lua, int index) {
  struct wsc_payload payload;
  payload.data = (const uint8_t *)luaL_checklstring(lua, index, &payload.len);
  return payload;
}

/* ---- messages and pongs ---- */

static const char *const req_only[] = {"req", NULL};

static enum wsc_progress step_message(struct pending *pending) {
  return wsc_expect_message_step(&pending->op.message, pending->link);
}

static int expect_message(lua_State *lua, enum wsc_event_kind kind) {
  static const char *const allowed[] = {"req", "timeout", NULL};
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  lua_settop(lua, 3);
  wsc_lua_check_options(lua, 3, allowed);
  struct wsc_payload payload = check_payload(lua, 2);
  struct pending *pending = begin(lua, link);
  pending->step = step_message;
  pending->op.message.timeout = wsc_lua_option_time(lua, 3, "timeout", 0);
  pending->op.message.requirement =
      wsc_lua_option_req(lua, 3, wsc_link_trial(link));
  pending->op.message.kind = kind;
  pending->op.message.payload = payload;
  wsc_expect_message_begin(&pending->op.message, link);
  return run(lua, pending);
}

static int expect_text(lua_State *lua) {
  return expect_message(lua, WSC_EVENT_TEXT);
}

static int expect_binary(lua_State *lua) {
  return expect_message(lua, WSC_EVENT_BINARY);
}

static enum wsc_progress step_pong(struct pending *pending) {
  return wsc_expect_pong_step(&pending->op.pong, pending->link);
}

static int expect_pong(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  lua_settop(lua, 3);
  wsc_lua_check_options(lua, 3, req_only);
  struct wsc_payload payload = check_payload(lua, 2);
  struct pending *pending = begin(lua, link);
  pending->step = step_pong;
  pending->op.pong.requirement =
      wsc_lua_option_req(lua, 3, wsc_link_trial(link));
  pending->op.pong.payload = payload;
  wsc_expect_pong_begin(&pending->op.pong, link);
  return run(lua, pending);
}

/* ---- Close and the end ---- */

static size_t read_codes(lua_State *lua, int index, uint16_t *codes) {
  size_t num = 0;
  if (lua_isinteger(lua, index)) {
    codes[num++] = (uint16_t)lua_tointeger(lua, index);
    return num;
  }
  if (!lua_istable(lua, index)) {
    return 0;
  }
  for (lua_Integer i = 1; lua_geti(lua, index, i) != LUA_TNIL; i++) {
    luaL_argcheck(lua, num < WSC_MAX_CODES && lua_isinteger(lua, -1), index,
                  "a list of at most 16 status codes");
    codes[num++] = (uint16_t)lua_tointeger(lua, -1);
    lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
  return num;
}

static enum wsc_progress step_close(struct pending *pending) {
  return wsc_expect_close_step(&pending->op.close, pending->link);
}

static void push_close(lua_State *lua, const struct wsc_event *close) {
  lua_pushinteger(lua, close->code);
  lua_setfield(lua, -2, "code");
  size_t skip = close->len >= 2 ? 2 : close->len;
  lua_pushlstring(lua, (const char *)close->payload + skip, close->len - skip);
  lua_setfield(lua, -2, "reason");
  lua_pushboolean(lua,
                  close->len == 0 ||
                      (close->len >= 2 && ws_close_code_sendable(close->code)));
  lua_setfield(lua, -2, "sendable");
}

static int result_close(lua_State *lua, struct pending *pending) {
  if (pending->op.close.close == NULL) {
    return 0;
  }
  lua_newtable(lua);
  push_close(lua, pending->op.close.close);
  return 1;
}

static int expect_close(lua_State *lua) {
  static const char *const allowed[] = {"req", "codes", NULL};
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  lua_settop(lua, 2);
  wsc_lua_check_options(lua, 2, allowed);
  struct pending *pending = begin(lua, link);
  struct wsc_expect_close *op = &pending->op.close;
  pending->step = step_close;
  pending->result = result_close;
  op->requirement = wsc_lua_option_req(lua, 2, wsc_link_trial(link));
  if (lua_istable(lua, 2)) {
    lua_getfield(lua, 2, "codes");
    op->num_codes = read_codes(lua, lua_gettop(lua), op->codes);
    lua_pop(lua, 1);
  }
  wsc_expect_close_begin(op, link);
  return run(lua, pending);
}

static enum wsc_progress step_end(struct pending *pending) {
  return wsc_expect_end_step(&pending->op.end, pending->link);
}

static int result_end(lua_State *lua, struct pending *pending) {
  lua_pushnumber(lua, (lua_Number)pending->op.end.took / 1e6);
  return 1;
}

static int expect_end(lua_State *lua) {
  static const char *const allowed[] = {"req",   "within", "tolerate",
                                        "clean", "should", NULL};
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  lua_settop(lua, 2);
  wsc_lua_check_options(lua, 2, allowed);
  struct pending *pending = begin(lua, link);
  struct wsc_expect_end *op = &pending->op.end;
  pending->step = step_end;
  pending->result = result_end;
  op->requirement = wsc_lua_option_req(lua, 2, wsc_link_trial(link));
  op->within = wsc_lua_option_time(lua, 2, "within", 0);
  op->tolerate = wsc_lua_option_time(lua, 2, "tolerate", 0);
  op->clean = wsc_lua_option_bool(lua, 2, "clean", false);
  op->should = wsc_lua_option_bool(lua, 2, "should", false);
  wsc_expect_end_begin(op, link);
  return run(lua, pending);
}

/* ---- failing ---- */

static enum wsc_progress step_failed(struct pending *pending) {
  return wsc_expect_failed_step(&pending->op.failed, pending->link);
}

/* Option `key` must be one of two words; true for the second. */
static bool option_word(lua_State *lua, int index, const char *key,
                        const char *first, const char *second) {
  if (!lua_istable(lua, index) || lua_getfield(lua, index, key) == LUA_TNIL) {
    return false;
  }
  const char *word = luaL_checkstring(lua, -1);
  bool is_second = strcmp(word, second) == 0;
  if (!is_second && strcmp(word, first) != 0) {
    luaL_error(lua, "option '%s' must be '%s' or '%s'", key, first, second);
  }
  return is_second;
}

/* The strings stay in the option table, which stays on the stack. */
static void read_allow(lua_State *lua, int index, struct pending *pending) {
  struct wsc_expect_failed *op = &pending->op.failed;
  op->allow = pending->allow;
  if (!lua_istable(lua, index) ||
      lua_getfield(lua, index, "allow") != LUA_TTABLE) {
    return;
  }
  int list = lua_gettop(lua);
  for (lua_Integer i = 1; lua_geti(lua, list, i) != LUA_TNIL; i++) {
    luaL_argcheck(lua, op->num_allow < ALLOW_MAX, index,
                  "'allow' holds at most 32 payloads");
    pending->allow[op->num_allow++] = check_payload(lua, -1);
    lua_pop(lua, 1);
  }
}

static int expect_failed(lua_State *lua) {
  static const char *const allowed[] = {
      "req",   "offence", "accepted",       "patient",
      "probe", "allow",   "ordinary_close", NULL};
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  lua_settop(lua, 3);
  wsc_lua_check_options(lua, 3, allowed);
  struct pending *pending = begin(lua, link);
  struct wsc_expect_failed *op = &pending->op.failed;
  pending->step = step_failed;
  op->requirement = wsc_lua_option_req(lua, 3, wsc_link_trial(link));
  op->num_codes = read_codes(lua, 2, op->codes);
  op->message_level = option_word(lua, 3, "offence", "frame", "message");
  op->accepted_tolerated = option_word(lua, 3, "accepted", "fail", "tolerated");
  op->ordinary_tolerated =
      option_word(lua, 3, "ordinary_close", "fail", "tolerated");
  op->patient = wsc_lua_option_bool(lua, 3, "patient", false);
  op->no_probe = !wsc_lua_option_bool(lua, 3, "probe", true);
  read_allow(lua, 3, pending);
  wsc_expect_failed_begin(op, link);
  return run(lua, pending);
}

/* ---- what judges nothing ---- */

static enum wsc_progress step_alive(struct pending *pending) {
  return wsc_alive_step(&pending->op.alive, pending->link);
}

static int result_alive(lua_State *lua, struct pending *pending) {
  lua_pushboolean(lua, pending->op.alive.alive);
  return 1;
}

static int link_alive(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  struct pending *pending = begin(lua, link);
  pending->step = step_alive;
  pending->result = result_alive;
  wsc_alive_begin(&pending->op.alive, link);
  return run(lua, pending);
}

static enum wsc_progress step_finish(struct pending *pending) {
  return wsc_finish_step(&pending->op.finish, pending->link);
}

static int link_finish(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  struct pending *pending = begin(lua, link);
  pending->step = step_finish;
  wsc_finish_begin(&pending->op.finish, link);
  return run(lua, pending);
}

static enum wsc_progress step_next(struct pending *pending) {
  return wsc_next_step(&pending->op.next, pending->link);
}

static void push_compression(lua_State *lua, const struct wsc_event *event) {
  lua_pushboolean(lua, event->compressed);
  lua_setfield(lua, -2, "compressed");
  lua_pushinteger(lua, (lua_Integer)event->wire_len);
  lua_setfield(lua, -2, "wire_len");
  lua_pushinteger(lua, (lua_Integer)event->distance);
  lua_setfield(lua, -2, "distance");
  lua_pushinteger(lua, (lua_Integer)event->reach);
  lua_setfield(lua, -2, "reach");
  lua_pushstring(lua, event->inflate_error); /* NULL is nil */
  lua_setfield(lua, -2, "inflate_error");
}

static void push_event(lua_State *lua, const struct wsc_event *event) {
  static const char *const names[] = {[WSC_EVENT_TEXT] = "text",
                                      [WSC_EVENT_BINARY] = "binary",
                                      [WSC_EVENT_PING] = "ping",
                                      [WSC_EVENT_PONG] = "pong",
                                      [WSC_EVENT_CLOSE] = "close"};
  lua_pushstring(lua, names[event->kind]);
  lua_setfield(lua, -2, "kind");
  lua_pushlstring(lua, (const char *)event->payload, event->len);
  lua_setfield(lua, -2, "payload");
  lua_pushinteger(lua, event->num_frames);
  lua_setfield(lua, -2, "frames");
  lua_pushinteger(lua, event->form);
  lua_setfield(lua, -2, "form");
  lua_pushnumber(lua, (lua_Number)event->time / 1e6);
  lua_setfield(lua, -2, "time");
  if (event->kind == WSC_EVENT_CLOSE) {
    push_close(lua, event);
  }
  if (event->kind == WSC_EVENT_TEXT || event->kind == WSC_EVENT_BINARY) {
    push_compression(lua, event);
  }
}

static int result_next(lua_State *lua, struct pending *pending) {
  static const char *const names[] = {[WSC_NEXT_FIN] = "fin",
                                      [WSC_NEXT_RST] = "rst",
                                      [WSC_NEXT_FENCE] = "fence",
                                      [WSC_NEXT_TIMEOUT] = "timeout"};
  struct wsc_next *op = &pending->op.next;
  lua_newtable(lua);
  if (op->kind == WSC_NEXT_EVENT) {
    struct wsc_event *event = op->event;
    push_event(lua, event);
    wsc_event_free(event);
    return 1;
  }
  lua_pushstring(lua, names[op->kind]);
  lua_setfield(lua, -2, "kind");
  lua_pushboolean(lua, op->kind == WSC_NEXT_FIN &&
                           wsc_link_truncated(pending->link));
  lua_setfield(lua, -2, "truncated");
  return 1;
}

static int link_next(lua_State *lua) {
  static const char *const allowed[] = {"timeout", "fence", NULL};
  struct wsc_link *link = wsc_lua_check_session(lua, 1);
  struct wsc_trial *trial = wsc_link_trial(link);
  lua_settop(lua, 2);
  wsc_lua_check_options(lua, 2, allowed);
  struct pending *pending = begin(lua, link);
  pending->step = step_next;
  pending->result = result_next;
  uint64_t timeout = wsc_lua_option_time(lua, 2, "timeout", 0);
  pending->op.next.deadline =
      timeout == 0 ? wsc_trial_deadline(trial) : wsc_trial_for(trial, timeout);
  if (wsc_lua_option_bool(lua, 2, "fence", false)) {
    pending->op.next.fence = wsc_session_fence(wsc_link_session(link));
  }
  return run(lua, pending);
}

static enum wsc_progress step_response(struct pending *pending) {
  return wsc_response_step(&pending->op.response, pending->link);
}

static int result_response(lua_State *lua, struct pending *pending) {
  struct wsc_response *op = &pending->op.response;
  struct wsc_trial *trial = wsc_link_trial(pending->link);
  if (op->missing != NULL) {
    wsc_trial_step(trial, wsc_link_id(pending->link), true, "receive",
                   "no response: %s", op->missing);
    lua_pushnil(lua);
    lua_pushstring(lua, op->missing);
    return 2;
  }
  wsc_trial_step(trial, wsc_link_id(pending->link), true, "receive",
                 "response %s",
                 wsc_trial_quote(trial, op->head.start_line.data,
                                 op->head.start_line.len, 80));
  wsc_lua_response_push(lua, &op->head, op->bytes, op->len);
  if (op->head.status == 101) {
    /* What ws.handshake gives, and upgrade() reads. */
    lua_pushvalue(lua, -1);
    lua_setiuservalue(lua, 1, 2);
  }
  return 1;
}

static int link_response(lua_State *lua) {
  static const char *const allowed[] = {"timeout", NULL};
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  struct wsc_trial *trial = wsc_link_trial(link);
  lua_settop(lua, 2);
  wsc_lua_check_options(lua, 2, allowed);
  struct pending *pending = begin(lua, link);
  pending->step = step_response;
  pending->result = result_response;
  uint64_t timeout = wsc_lua_option_time(lua, 2, "timeout", 0);
  pending->op.response.deadline =
      timeout == 0 ? wsc_trial_deadline(trial) : wsc_trial_for(trial, timeout);
  return run(lua, pending);
}

void wsc_lua_expect_register(lua_State *lua) {
  static const luaL_Reg methods[] = {{"expect_text", expect_text},
                                     {"expect_binary", expect_binary},
                                     {"expect_pong", expect_pong},
                                     {"expect_close", expect_close},
                                     {"expect_end", expect_end},
                                     {"expect_failed", expect_failed},
                                     {"alive", link_alive},
                                     {"finish", link_finish},
                                     {"next", link_next},
                                     {"response", link_response},
                                     {NULL, NULL}};
  luaL_setfuncs(lua, methods, 0);
}
