/* lua_trial.c: the value `t`. What is composed of other verbs (open, rejects,
 * accepts) stands in vocabulary.lua. */
#include <stdio.h>
#include <string.h>

#include "host_internal.h"
#include "testee.h"

#define TRIAL "wsspec.trial"
#define RNG   "wsspec.rng"

struct wsc_lua_trial *wsc_lua_trial_push(lua_State *lua, struct wsc_host *host,
                                         struct wsc_trial *trial) {
  struct wsc_lua_trial *handle = lua_newuserdatauv(lua, sizeof *handle, 0);
  handle->trial = trial;
  handle->host = host;
  luaL_setmetatable(lua, TRIAL);
  return handle;
}

static struct wsc_lua_trial *check(lua_State *lua, int index) {
  struct wsc_lua_trial *handle = luaL_checkudata(lua, index, TRIAL);
  if (handle->trial == NULL) {
    luaL_error(lua, "the case has ended");
  }
  return handle;
}

struct wsc_trial *wsc_lua_check_trial(lua_State *lua, int index) {
  struct wsc_trial *trial = check(lua, index)->trial;
  wsc_lua_mark_line(lua, trial);
  return trial;
}

/* ---- clauses ---- */

static const char *optional_text(lua_State *lua, int index) {
  return lua_isnoneornil(lua, index) ? NULL : luaL_tolstring(lua, index, NULL);
}

static int judge(lua_State *lua, enum wsc_strength strength) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  luaL_checkany(lua, 3);
  lua_settop(lua, 6);
  bool holds = lua_toboolean(lua, 3) != 0;
  struct wsc_judgement judgement = {
      .requirement = wsc_lua_check_req(lua, 2, trial),
      .strength = strength,
      .holds = holds,
      .absent = lua_toboolean(lua, 6) != 0,
      .expected = luaL_checkstring(lua, 4),
      .got = holds ? NULL : optional_text(lua, 5),
  };
  wsc_trial_judge(trial, &judgement);
  lua_pushboolean(lua, holds);
  return 1;
}

static int t_must(lua_State *lua) {
  return judge(lua, WSC_MUST);
}

static int t_should(lua_State *lua) {
  return judge(lua, WSC_SHOULD);
}

static int t_tolerated(lua_State *lua) {
  return judge(lua, WSC_TOLERATED);
}

static int t_note(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  struct wsc_judgement judgement = {
      .requirement = wsc_lua_check_req(lua, 2, trial),
      .strength = WSC_NOTE,
      .holds = true,
      .expected = luaL_checkstring(lua, 3),
  };
  wsc_trial_judge(trial, &judgement);
  return 0;
}

/* t:cites(id): true when the case lists this requirement. */
static int t_cites(lua_State *lua) {
  const struct wsc_case *info = check(lua, 1)->trial->info;
  const char *id = luaL_checkstring(lua, 2);
  bool found = false;
  for (size_t i = 0; i < info->num_requirements && !found; i++) {
    found = strcmp(info->requirements[i], id) == 0;
  }
  lua_pushboolean(lua, found);
  return 1;
}

/* t:absent(req, strength, expected, got): a clause that rests on something that
 * did not come in time. For the vocabulary. */
static int t_absent(lua_State *lua) {
  static const char *const names[] = {"must", "should", "tolerated", NULL};
  static const enum wsc_strength strengths[] = {WSC_MUST, WSC_SHOULD,
                                                WSC_TOLERATED};
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  struct wsc_judgement judgement = {
      .requirement = wsc_lua_check_req(lua, 2, trial),
      .strength = strengths[luaL_checkoption(lua, 3, NULL, names)],
      .holds = false,
      .absent = true,
      .expected = luaL_checkstring(lua, 4),
      .got = luaL_checkstring(lua, 5),
  };
  wsc_trial_judge(trial, &judgement);
  return 0;
}

static int t_skip(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  wsc_outcome_abandon(trial->outcome, WSC_SKIP, "%s", luaL_checkstring(lua, 2));
  return wsc_lua_end(lua);
}

/* t:unmeasured(text): the case could not be measured. */
static int t_unmeasured(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  wsc_outcome_abandon(trial->outcome, WSC_ERROR, "%s",
                      luaL_checkstring(lua, 2));
  return wsc_lua_end(lua);
}

/* t:sane(): the sanity check came to its end. */
static int t_sane(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  struct wsc_judgement judgement = {
      .requirement = "", .holds = true, .expected = trial->info->title};
  wsc_trial_judge(trial, &judgement);
  return 0;
}

/* ---- variants ---- */

static int variant_done(lua_State *lua, int status, lua_KContext context) {
  (void)context;
  struct wsc_trial *trial = check(lua, 1)->trial;
  trial->label = "";
  if (status == LUA_OK || status == LUA_YIELD) {
    return 0;
  }
  /* A skip ends the case; a failed expectation only the variant. */
  if (wsc_lua_is_stop(lua, -1) && !trial->outcome->abandoned) {
    return 0;
  }
  return lua_error(lua);
}

/* Each absence costs the whole reaction timeout. After this many, or after one
 * that took long, the case has made its point, and a mute peer does not hold up
 * the run. */
#define ABSENCES_MAX 3
#define LONG_ENOUGH  20000000 /* microseconds */

static bool silent(const struct wsc_trial *trial) {
  const struct wsc_outcome *outcome = trial->outcome;
  unsigned absences = 0;
  for (size_t i = 0; i < outcome->num_clauses; i++) {
    absences += outcome->clauses[i].absent;
  }
  return absences >= ABSENCES_MAX ||
         (absences != 0 && wsc_trial_time(trial) >= LONG_ENOUGH);
}

static int t_variant(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  if (silent(trial)) {
    wsc_trial_step(trial, -1, false, "skip",
                   "variant '%s': others went unanswered",
                   luaL_checkstring(lua, 2));
    return 0;
  }
  trial->label = wsc_trial_text(trial, "%s", luaL_checkstring(lua, 2));
  luaL_checktype(lua, 3, LUA_TFUNCTION);
  int num_arguments = lua_gettop(lua) - 3;
  int status = lua_pcallk(lua, num_arguments, 0, 0, 0, variant_done);
  return variant_done(lua, status, 0);
}

/* ---- time ---- */

static int pause_over(lua_State *lua, int status, lua_KContext context) {
  (void)status;
  struct wsc_trial *trial = check(lua, 1)->trial;
  uint64_t until = *(const uint64_t *)context;
  if (!wsc_trial_past(trial, until)) {
    trial->wake_at = until;
    return lua_yieldk(lua, 0, context, pause_over);
  }
  return 0;
}

static int t_pause(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  lua_Number seconds = luaL_checknumber(lua, 2);
  luaL_argcheck(lua, seconds >= 0 && seconds <= 120, 2, "0 to 120 seconds");
  uint64_t *until = lua_newuserdatauv(lua, sizeof *until, 0);
  struct wsc_transport *transport = trial->context->transport;
  *until = transport->ops->now(transport) + (uint64_t)(seconds * 1e6);
  return pause_over(lua, LUA_OK, (lua_KContext)until);
}

/* ---- observed checks ---- */

static enum wsc_check check_check(lua_State *lua, int index) {
  const char *name = luaL_checkstring(lua, index);
  enum wsc_check found = wsc_check_by_name(name);
  if (found == WSC_NUM_CHECKS) {
    luaL_error(lua, "unknown observed check '%s'", name);
  }
  return found;
}

static int t_observed(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  enum wsc_check found = check_check(lua, 2);
  const struct wsc_observed *observed = &trial->context->observed;
  lua_newtable(lua);
  lua_pushinteger(lua, (lua_Integer)observed->checks[found].count);
  lua_setfield(lua, -2, "count");
  lua_pushinteger(lua, (lua_Integer)observed->checks[found].violations);
  lua_setfield(lua, -2, "violations");
  lua_pushstring(lua, observed->checks[found].first);
  lua_setfield(lua, -2, "first");
  lua_pushstring(lua, wsc_check_text(found));
  lua_setfield(lua, -2, "text");
  return 1;
}

/* ---- what the sanity check finds out ---- */

static int t_fact(lua_State *lua) {
  struct wsc_context *context = wsc_lua_check_trial(lua, 1)->context;
  const char *key = luaL_checkstring(lua, 2);
  if (strcmp(key, "echoes") == 0) {
    context->echoes = lua_toboolean(lua, 3) != 0;
  } else if (strcmp(key, "text_only") == 0) {
    context->text_only = lua_toboolean(lua, 3) != 0;
  } else if (strcmp(key, "commands") == 0) {
    context->commands = wsc_do_set(luaL_checkstring(lua, 3));
  } else if (strcmp(key, "answers") == 0) {
    context->answers = lua_toboolean(lua, 3) != 0;
  } else if (strcmp(key, "greets") == 0) {
    context->greets = lua_toboolean(lua, 3) != 0;
  } else if (strcmp(key, "agent") == 0) {
    snprintf(context->agent, sizeof context->agent, "%s",
             luaL_checkstring(lua, 3));
  } else {
    return luaL_error(lua, "unknown fact '%s'", key);
  }
  return 0;
}

/* ---- dialing ---- */

static int dialed(lua_State *lua, int status, lua_KContext context) {
  (void)status;
  struct wsc_link *link = (struct wsc_link *)context;
  struct wsc_trial *trial = check(lua, 1)->trial;
  if (wsc_link_state(link) == WSC_LINK_DIALING) {
    return lua_yieldk(lua, 0, context, dialed);
  }
  if (wsc_link_state(link) == WSC_LINK_REFUSED) {
    return wsc_lua_end(lua); /* the trial is `unreachable` */
  }
  wsc_trial_step(trial, wsc_link_id(link), true, "connect", "TCP is up");
  wsc_lua_link_push(lua, 1, link);
  return 1;
}

static int t_dial(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  struct wsc_link *link = wsc_link_dial(trial);
  return dialed(lua, LUA_OK, (lua_KContext)link);
}

/* ---- fields ---- */

static void push_target(lua_State *lua, const struct wsc_target *target) {
  lua_newtable(lua);
  lua_pushstring(lua, target->path);
  lua_setfield(lua, -2, "path");
  lua_pushstring(lua, target->host);
  lua_setfield(lua, -2, "host");
  lua_pushboolean(lua, target->secure);
  lua_setfield(lua, -2, "secure");
  if (target->request != NULL) {
    lua_pushstring(lua, target->request);
    lua_setfield(lua, -2, "request");
    lua_pushstring(lua, target->answer);
    lua_setfield(lua, -2, "answer");
  }
  if (target->protocol != NULL) {
    lua_pushstring(lua, target->protocol);
    lua_setfield(lua, -2, "protocol");
  }
}

static int t_index(lua_State *lua) {
  struct wsc_lua_trial *handle = check(lua, 1);
  const struct wsc_trial *trial = handle->trial;
  const char *key = luaL_checkstring(lua, 2);
  luaL_getmetatable(lua, TRIAL);
  lua_getfield(lua, -1, "methods");
  if (lua_getfield(lua, -1, key) != LUA_TNIL) {
    return 1;
  }
  if (strcmp(key, "nonce") == 0) {
    lua_pushstring(lua, trial->nonce);
  } else if (strcmp(key, "timeout") == 0) {
    lua_pushnumber(lua, (lua_Number)trial->context->timeout / 1e6);
  } else if (strcmp(key, "echo") == 0) {
    lua_pushstring(lua, handle->host->echo);
  } else if (strcmp(key, "full") == 0) {
    lua_pushboolean(lua, handle->host->full);
  } else if (strcmp(key, "echoes") == 0) {
    lua_pushboolean(lua, trial->context->echoes);
  } else if (strcmp(key, "message") == 0) {
    bool scripted =
        !trial->context->echoes && trial->context->target->request != NULL;
    lua_pushstring(lua,
                   scripted ? trial->context->target->request : trial->nonce);
  } else if (strcmp(key, "answers") == 0) {
    lua_pushboolean(lua, trial->context->answers);
  } else if (strcmp(key, "commands") == 0) {
    lua_pushboolean(lua, trial->context->asks_commands);
  } else if (strcmp(key, "target") == 0) {
    push_target(lua, trial->context->target);
  } else if (strcmp(key, "rng") == 0) {
    struct wsc_lua_trial **rng = lua_newuserdatauv(lua, sizeof *rng, 1);
    *rng = handle;
    lua_pushvalue(lua, 1);
    lua_setiuservalue(lua, -2, 1);
    luaL_setmetatable(lua, RNG);
  } else {
    return luaL_error(lua, "t has no '%s'", key);
  }
  return 1;
}

/* ---- t.rng ---- */

static struct wsc_rng *check_rng(lua_State *lua) {
  struct wsc_lua_trial **handle = luaL_checkudata(lua, 1, RNG);
  if ((*handle)->trial == NULL) {
    luaL_error(lua, "the case has ended");
  }
  return &(*handle)->trial->rng;
}

static int rng_int(lua_State *lua) {
  struct wsc_rng *rng = check_rng(lua);
  lua_Integer lo = luaL_checkinteger(lua, 2);
  lua_Integer hi = luaL_checkinteger(lua, 3);
  luaL_argcheck(lua, lo <= hi, 3, "must not be below the first");
  lua_pushinteger(lua, wsc_rng_between(rng, lo, hi));
  return 1;
}

static size_t check_length(lua_State *lua) {
  lua_Integer len = luaL_checkinteger(lua, 2);
  luaL_argcheck(lua, len >= 0 && len <= (64 << 20), 2, "0 to 64 MiB");
  return (size_t)len;
}

static int rng_bytes(lua_State *lua) {
  struct wsc_rng *rng = check_rng(lua);
  size_t len = check_length(lua);
  luaL_Buffer out;
  char *bytes = luaL_buffinitsize(lua, &out, len);
  wsc_rng_bytes(rng, (uint8_t *)bytes, len);
  luaL_pushresultsize(&out, len);
  return 1;
}

static int rng_text(lua_State *lua) {
  struct wsc_rng *rng = check_rng(lua);
  size_t len = check_length(lua);
  luaL_Buffer out;
  char *text = luaL_buffinitsize(lua, &out, len);
  wsc_rng_text(rng, text, len);
  luaL_pushresultsize(&out, len);
  return 1;
}

/* Keeps the compiled vocabulary: wsspec_run(run) of vocabulary.lua. */
static int set_runner(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  lua_setfield(lua, LUA_REGISTRYINDEX, "wsspec.run");
  return 0;
}

static int trial_baseline(lua_State *lua) {
  const struct wsc_trial *trial = check(lua, 1)->trial;
  unsigned missing = trial->info->needs_do & ~trial->context->commands;
  unsigned kind = 0;
  lua_pushboolean(lua, trial->info->baseline);
  lua_pushboolean(lua, trial->info->needs_echo);
  lua_pushboolean(lua, trial->info->num_autobahn != 0);
  lua_pushboolean(lua, trial->info->needs_tls);
  lua_pushboolean(lua, trial->info->needs_answer);
  lua_pushstring(lua, wsc_case_has_tag(trial->info, "robustness")
                          ? trial->context->spared_because
                          : NULL);
  if (missing == 0) {
    return 6;
  }
  while ((missing >> kind & 1u) == 0) {
    kind++;
  }
  lua_pushstring(lua, wsc_do_name((enum wsc_do_kind)kind));
  return 7;
}

void wsc_lua_trial_register(lua_State *lua) {
  static const luaL_Reg methods[] = {{"must", t_must},
                                     {"should", t_should},
                                     {"tolerated", t_tolerated},
                                     {"note", t_note},
                                     {"absent", t_absent},
                                     {"cites", t_cites},
                                     {"skip", t_skip},
                                     {"unmeasured", t_unmeasured},
                                     {"sane", t_sane},
                                     {"variant", t_variant},
                                     {"pause", t_pause},
                                     {"observed", t_observed},
                                     {"fact", t_fact},
                                     {"request", wsc_lua_request},
                                     {"dial", t_dial},
                                     {"plan_autobahn", wsc_lua_plan_autobahn},
                                     {"mark_autobahn", wsc_lua_mark_autobahn},
                                     {"say_autobahn", wsc_lua_say_autobahn},
                                     {"preconditions", trial_baseline},
                                     {NULL, NULL}};
  static const luaL_Reg rng[] = {
      {"int", rng_int}, {"bytes", rng_bytes}, {"text", rng_text}, {NULL, NULL}};
  luaL_newmetatable(lua, TRIAL);
  luaL_newlib(lua, methods);
  wsc_lua_flow_trial_register(lua);
  lua_pushvalue(lua, -1);
  lua_setglobal(lua, "T"); /* vocabulary.lua adds to it */
  lua_setfield(lua, -2, "methods");
  lua_pushcfunction(lua, t_index);
  lua_setfield(lua, -2, "__index");
  lua_pop(lua, 1);
  luaL_newmetatable(lua, RNG);
  luaL_newlib(lua, rng);
  lua_setfield(lua, -2, "__index");
  lua_pop(lua, 1);
  lua_register(lua, "set_runner", set_runner);
}
