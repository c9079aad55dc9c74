/* run.c: a case as a coroutine: wsc_host_ops. */
#include <stdlib.h>
#include <string.h>

#include "host_internal.h"

struct script {
  struct wsc_trial *trial;
  struct wsc_lua_trial *handle; /* owned by Lua, kept alive by the stack */
  lua_State *lua;               /* the coroutine */
  int reference;                /* that keeps it alive */
  bool begun;
};

static void *start(void *user, struct wsc_trial *trial) {
  struct wsc_host *host = user;
  const struct wsc_declared *declared =
      (const struct wsc_declared *)(const void *)trial->info;
  struct script *script = wsc_malloc(sizeof *script);
  lua_State *lua = lua_newthread(host->lua);
  *script =
      (struct script){.trial = trial,
                      .lua = lua,
                      .reference = luaL_ref(host->lua, LUA_REGISTRYINDEX)};
  wsc_lua_watch(lua);
  lua_getfield(lua, LUA_REGISTRYINDEX, "wsspec.run");
  lua_rawgeti(lua, LUA_REGISTRYINDEX, declared->run);
  script->handle = wsc_lua_trial_push(lua, host, trial);
  return script;
}

static bool resume(void *user, void *handle) {
  struct wsc_host *host = user;
  struct script *script = handle;
  int results;
  host->budget = 0;
  int status =
      lua_resume(script->lua, host->lua, script->begun ? 0 : 2, &results);
  script->begun = true;
  if (status == LUA_YIELD) {
    return false;
  }
  if (status != LUA_OK && !wsc_lua_is_stop(script->lua, -1) &&
      !wsc_lua_is_end(script->lua, -1)) {
    const char *text = status == LUA_ERRMEM
                           ? "the script is out of memory"
                           : luaL_tolstring(script->lua, -1, NULL);
    script->trial->outcome->abandoned = false;
    wsc_outcome_abandon(script->trial->outcome, WSC_ERROR,
                        "mistake in the case: %s", text);
  }
  return true;
}

static void stop(void *user, void *handle) {
  struct wsc_host *host = user;
  struct script *script = handle;
  if (script == NULL) {
    return;
  }
  script->handle->trial = NULL;
  lua_resetthread(script->lua);
  luaL_unref(host->lua, LUA_REGISTRYINDEX, script->reference);
  free(script);
}

const struct wsc_script_ops wsc_host_ops = {start, resume, stop};
