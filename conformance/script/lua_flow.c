/* lua_flow.c: what floods need: sending no faster than the peer reads, not
 * reading what it sends, and what that costs it. */
#include "host_internal.h"

/* Between two looks at what has left. Nothing tells a trial when its queue has
 * run dry. Microseconds. */
#define LOOK_EVERY UINT64_C(2000)

/* t:process(): { rss, vsize, cpu, fds }, or nil and why it is not known. */
static int t_process(lua_State *lua) {
  struct wsc_trial *trial = wsc_lua_check_trial(lua, 1);
  const struct wsc_meter *meter = trial->context->meter;
  struct wsc_transport *transport = trial->context->transport;
  struct wsc_usage usage;
  const char *why = "the server's process is not known: see --pid and --spawn";
  if (meter == NULL ||
      !meter->read(meter->user, transport->ops->now(transport), &usage, &why)) {
    lua_pushnil(lua);
    lua_pushstring(lua, why);
    return 2;
  }
  lua_newtable(lua);
  lua_pushinteger(lua, (lua_Integer)usage.rss);
  lua_setfield(lua, -2, "rss");
  lua_pushinteger(lua, (lua_Integer)usage.vsize);
  lua_setfield(lua, -2, "vsize");
  lua_pushnumber(lua, (lua_Number)usage.cpu / 1e6);
  lua_setfield(lua, -2, "cpu");
  if (usage.fds != 0) {
    lua_pushinteger(lua, (lua_Integer)usage.fds);
    lua_setfield(lua, -2, "fds");
  }
  return 1;
}

/* ws:hold(held): stops reading what the peer sends, or goes on. */
static int link_hold(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  bool held = lua_isnone(lua, 2) || lua_toboolean(lua, 2);
  wsc_link_pause(link, held);
  wsc_trial_step(wsc_link_trial(link), wsc_link_id(link), false, "read",
                 held ? "stops" : "goes on");
  lua_settop(lua, 1);
  return 1;
}

static int left(lua_State *lua, int status, lua_KContext context) {
  (void)status;
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  struct wsc_trial *trial = wsc_link_trial(link);
  uint64_t until = *(const uint64_t *)context;
  size_t unsent = wsc_link_unsent(link);
  bool up = wsc_link_state(link) == WSC_LINK_UP ||
            wsc_link_state(link) == WSC_LINK_FIN;
  if (up && unsent != 0 && !wsc_trial_past(trial, until)) {
    struct wsc_transport *transport = trial->context->transport;
    uint64_t look = transport->ops->now(transport) + LOOK_EVERY;
    trial->wake_at = look < until ? look : until;
    return lua_yieldk(lua, 0, context, left);
  }
  lua_pushboolean(lua, up && unsent == 0);
  lua_pushinteger(lua, (lua_Integer)unsent);
  return 2;
}

/* ws:left(seconds): waits until all that was sent has left for the network.
 * False when it has not in that time, or the connection has broken, and how many
 * octets remain. */
static int link_left(lua_State *lua) {
  struct wsc_link *link = wsc_lua_check_link(lua, 1);
  lua_Number seconds = luaL_checknumber(lua, 2);
  luaL_argcheck(lua, seconds >= 0 && seconds <= 120, 2, "0 to 120 seconds");
  uint64_t *until = lua_newuserdatauv(lua, sizeof *until, 0);
  *until = wsc_trial_after(wsc_link_trial(link), (uint64_t)(seconds * 1e6));
  return left(lua, LUA_OK, (lua_KContext)until);
}

void wsc_lua_flow_trial_register(lua_State *lua) {
  static const luaL_Reg methods[] = {{"process", t_process}, {NULL, NULL}};
  luaL_setfuncs(lua, methods, 0);
}

void wsc_lua_flow_link_register(lua_State *lua) {
  static const luaL_Reg methods[] = {
      {"hold", link_hold}, {"left", link_left}, {NULL, NULL}};
  luaL_setfuncs(lua, methods, 0);
}
