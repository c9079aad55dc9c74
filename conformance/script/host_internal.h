/* host_internal.h: shared by the files of conformance/script. */
#ifndef WSC_HOST_INTERNAL_H
#define WSC_HOST_INTERNAL_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "arena.h"
#include "embedded.h"
#include "expect.h"
#include "host.h"
#include "request.h"

/* A script that does not wait for this many instructions is stopped. */
#define WSC_INSTRUCTIONS_MAX 200000000
#define WSC_HOOK_EVERY       100000

/* All of Lua's memory: payloads of megabytes in many coroutines at once. */
#define WSC_LUA_MEMORY_MAX (192u << 20)

struct wsc_declared {
  struct wsc_case info;
  int run; /* registry reference of its function */
};

struct wsc_host {
  lua_State *lua;
  size_t memory;
  struct wsc_arena arena;
  struct wsc_embedded *sources; /* ended by a NULL name */
  size_t num_sources, cap_sources;
  const struct wsc_case **cases;
  size_t num_cases, cap_cases;
  const struct wsc_case *sanity[2];
  const char *echo;
  bool full;
  unsigned budget;           /* hook calls since the last resume */
  struct wsc_config *config; /* config.c; NULL in a host of cases */
  bool internal; /* loading our own scripts: they declare no public cases */
};

/* A trial as Lua sees it. `trial` is NULL once the script has ended: a script
 * that kept `t` beyond its case gets an error. */
struct wsc_lua_trial {
  struct wsc_trial *trial;
  struct wsc_host *host;
};

struct wsc_lua_link {
  struct wsc_link *link;
  struct wsc_lua_trial *owner; /* kept alive by the user value */
};

/* host.c */
struct wsc_host *wsc_host_of(lua_State *lua);

/* Runs a file in the strict environment, with the registered function `verb` as
 * the one to declare things with. False: *error (free()). */
bool wsc_host_run_chunk(struct wsc_host *host, const char *name,
                        const char *text, size_t len, const char *verb,
                        char **error);

/* Owned by the caller (free()), or NULL and *error (free()). */
char *wsc_host_read_file(struct wsc_host *host, const char *path, size_t *len,
                         char **error);

/* declare.c: the global function `case`; fields of the table at index 1, copied
 * to the host's arena. */
int wsc_lua_case(lua_State *lua);

/* A string; `otherwise` when it is absent, an error when that is NULL. */
const char *wsc_lua_field(lua_State *lua, struct wsc_host *host,
                          const char *key, const char *otherwise);

/* A list of strings, NULL-ended; NULL when it is absent. */
const char *const *wsc_lua_field_list(lua_State *lua, struct wsc_host *host,
                                      const char *key, size_t *num);

/* lua_trial.c: metatable of `t`, and pushing one. */
void wsc_lua_trial_register(lua_State *lua);
struct wsc_lua_trial *wsc_lua_trial_push(lua_State *lua, struct wsc_host *host,
                                         struct wsc_trial *trial);
struct wsc_trial *wsc_lua_check_trial(lua_State *lua, int index);

/* lua_autobahn.c: t:plan_autobahn(plan), t:mark_autobahn(name) and
 * t:say_autobahn(behavior). */
int wsc_lua_plan_autobahn(lua_State *lua);
int wsc_lua_mark_autobahn(lua_State *lua);
int wsc_lua_say_autobahn(lua_State *lua);

/* lua_flow.c: adds to the methods table on top of the stack those of `t`, and of
 * a connection, that concern floods and what the peer's process uses. */
void wsc_lua_flow_trial_register(lua_State *lua);
void wsc_lua_flow_link_register(lua_State *lua);

/* lua_request.c */
int wsc_lua_request(lua_State *lua);

/* lua_link.c, lua_expect.c: metatable of a connection. */
void wsc_lua_link_register(lua_State *lua);
void wsc_lua_expect_register(lua_State *lua); /* methods table on top */
void wsc_lua_link_push(lua_State *lua, int trial_index, struct wsc_link *link);
struct wsc_link *wsc_lua_check_link(lua_State *lua, int index);
struct wsc_link *wsc_lua_check_session(lua_State *lua, int index);

/* lua_response.c: a response head. */
void wsc_lua_response_register(lua_State *lua);
void wsc_lua_response_push(lua_State *lua, const struct ws_http_head *head,
                           const char *bytes, size_t len);

/* The head of the response at `index`, borrowed from it; NULL: it is none. */
const struct ws_http_head *wsc_lua_test_response(lua_State *lua, int index);

/* lua_deflate.c: the global `deflate`. */
void wsc_lua_deflate_register(lua_State *lua);

/* lua_common.c */

/* Ends the variant, or the script where there is none, without being an error:
 * a failed expectation. */
int wsc_lua_stop(lua_State *lua);
bool wsc_lua_is_stop(lua_State *lua, int index);

/* Ends the script, inside a variant too: a skip, a refused dial. */
int wsc_lua_end(lua_State *lua);
bool wsc_lua_is_end(lua_State *lua, int index);

/* Notes the line of the case file that is running. */
void wsc_lua_mark_line(lua_State *lua, struct wsc_trial *trial);

/* Checks that the option table at `index` (or nil) has only keys of `allowed`
 * (NULL-ended). */
void wsc_lua_check_options(lua_State *lua, int index,
                           const char *const *allowed);
bool wsc_lua_option_bool(lua_State *lua, int index, const char *key,
                         bool otherwise);
lua_Integer wsc_lua_option_int(lua_State *lua, int index, const char *key,
                               lua_Integer otherwise);
uint64_t wsc_lua_option_time(lua_State *lua, int index, const char *key,
                             uint64_t otherwise);

/* The requirement that a clause cites: option "req", or the first of the case.
 * An error when the case does not list it. */
const char *wsc_lua_option_req(lua_State *lua, int index,
                               struct wsc_trial *trial);
const char *wsc_lua_check_req(lua_State *lua, int index,
                              struct wsc_trial *trial);

/* Arms the instruction hook of a new coroutine. */
void wsc_lua_watch(lua_State *lua);

#endif
