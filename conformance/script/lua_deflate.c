/* lua_deflate.c: the global `deflate`: messages of permessage-deflate made of
 * blocks by hand. */
#include <string.h>

#include "blocks.h"
#include "host_internal.h"

#define BLOCKS   "wsspec.blocks"
#define TAIL_LEN 4 /* RFC 7692 7.2.1: 0x00 0x00 0xff 0xff */

/* Collected with what it owns, also when an item turns out to be no item. */
static struct wsc_blocks *push_blocks(lua_State *lua) {
  struct wsc_blocks *blocks = lua_newuserdatauv(lua, sizeof *blocks, 0);
  wsc_blocks_init(blocks);
  luaL_setmetatable(lua, BLOCKS);
  return blocks;
}

static int collect(lua_State *lua) {
  wsc_blocks_free(luaL_checkudata(lua, 1, BLOCKS));
  return 0;
}

static unsigned match_part(lua_State *lua, int item, lua_Integer index,
                           lua_Integer least, lua_Integer most) {
  lua_geti(lua, item, index);
  int good = 0;
  lua_Integer value = lua_tointegerx(lua, -1, &good);
  if (!good || value < least || value > most) {
    luaL_error(lua, "a match is { length 3 to 258, distance 1 to 32768 }: '%s'",
               luaL_tolstring(lua, -1, NULL));
  }
  lua_pop(lua, 1);
  return (unsigned)value;
}

/* The item on top: literals, or a match. */
static void add_item(lua_State *lua, struct wsc_blocks *blocks) {
  int item = lua_gettop(lua);
  if (lua_istable(lua, item)) {
    unsigned len = match_part(lua, item, 1, 3, 258);
    unsigned distance = match_part(lua, item, 2, 1, 32768);
    wsc_blocks_match(blocks, len, distance);
    return;
  }
  size_t len;
  const char *literals = luaL_checklstring(lua, item, &len);
  wsc_blocks_literals(blocks, (const uint8_t *)literals, len);
}

static void add_items(lua_State *lua, int items, struct wsc_blocks *blocks) {
  luaL_checktype(lua, items, LUA_TTABLE);
  for (lua_Integer i = 1; lua_geti(lua, items, i) != LUA_TNIL; i++) {
    add_item(lua, blocks);
    lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
  wsc_blocks_end(blocks);
}

/* One block of this kind, whose content is at the top of the stack. */
static void add_block(lua_State *lua, struct wsc_blocks *blocks,
                      const char *kind, bool final) {
  int content = lua_gettop(lua);
  if (strcmp(kind, "stored") == 0) {
    size_t len;
    const char *octets = luaL_checklstring(lua, content, &len);
    wsc_blocks_stored(blocks, (const uint8_t *)octets, len, final);
    return;
  }
  if (strcmp(kind, "fixed") == 0) {
    wsc_blocks_fixed(blocks, final);
  } else {
    wsc_blocks_dynamic(blocks, final);
  }
  add_items(lua, content, blocks);
}

static const char *const kinds[] = {"stored", "fixed", "dynamic"};

/* The block that the table at the top describes. */
static void read_block(lua_State *lua, struct wsc_blocks *blocks) {
  static const char *const allowed[] = {"stored", "fixed", "dynamic", "final",
                                        NULL};
  int block = lua_gettop(lua);
  luaL_checktype(lua, block, LUA_TTABLE);
  wsc_lua_check_options(lua, block, allowed);
  bool final = wsc_lua_option_bool(lua, block, "final", false);
  int num = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (lua_getfield(lua, block, kinds[i]) != LUA_TNIL) {
      add_block(lua, blocks, kinds[i], final);
      num++;
    }
    lua_settop(lua, block);
  }
  if (num != 1) {
    luaL_error(lua, "a block is one of 'stored', 'fixed' and 'dynamic'");
  }
}

/* 7.2.1: "append an empty DEFLATE block with no compression", and "remove 4
 * octets (that are 0x00 0x00 0xff 0xff) from the tail end". */
static int finish(lua_State *lua, struct wsc_blocks *blocks, bool keep_tail) {
  wsc_blocks_stored(blocks, NULL, 0, false);
  size_t len = blocks->len - (keep_tail ? 0 : TAIL_LEN);
  lua_pushlstring(lua, (const char *)blocks->data, len);
  return 1;
}

static int deflate_message(lua_State *lua) {
  static const char *const allowed[] = {"tail", NULL};
  lua_settop(lua, 2);
  luaL_checktype(lua, 1, LUA_TTABLE);
  wsc_lua_check_options(lua, 2, allowed);
  struct wsc_blocks *blocks = push_blocks(lua);
  for (lua_Integer i = 1; lua_geti(lua, 1, i) != LUA_TNIL; i++) {
    read_block(lua, blocks);
    lua_pop(lua, 1);
  }
  return finish(lua, blocks, wsc_lua_option_bool(lua, 2, "tail", false));
}

static int one_block(lua_State *lua, const char *kind) {
  static const char *const allowed[] = {"final", "tail", NULL};
  lua_settop(lua, 2);
  wsc_lua_check_options(lua, 2, allowed);
  struct wsc_blocks *blocks = push_blocks(lua);
  lua_pushvalue(lua, 1);
  add_block(lua, blocks, kind, wsc_lua_option_bool(lua, 2, "final", false));
  return finish(lua, blocks, wsc_lua_option_bool(lua, 2, "tail", false));
}

static int deflate_stored(lua_State *lua) {
  return one_block(lua, "stored");
}

static int deflate_fixed(lua_State *lua) {
  return one_block(lua, "fixed");
}

static int deflate_dynamic(lua_State *lua) {
  return one_block(lua, "dynamic");
}

void wsc_lua_deflate_register(lua_State *lua) {
  static const luaL_Reg functions[] = {{"message", deflate_message},
                                       {"stored", deflate_stored},
                                       {"fixed", deflate_fixed},
                                       {"dynamic", deflate_dynamic},
                                       {NULL, NULL}};
  luaL_newmetatable(lua, BLOCKS);
  lua_pushcfunction(lua, collect);
  lua_setfield(lua, -2, "__gc");
  lua_pop(lua, 1);
  luaL_newlib(lua, functions);
  lua_setglobal(lua, "deflate");
}
