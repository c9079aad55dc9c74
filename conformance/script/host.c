#include "host_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct wsc_embedded wsc_cases[];
extern const struct wsc_embedded wsc_scripts[];

static void *allocate(void *user, void *ptr, size_t old_len, size_t new_len) {
  struct wsc_host *host = user;
  size_t old = ptr == NULL ? 0 : old_len;
  if (new_len == 0) {
    free(ptr);
    host->memory -= old;
    return NULL;
  }
  if (new_len > old && host->memory + (new_len - old) > WSC_LUA_MEMORY_MAX) {
    return NULL;
  }
  void *moved = realloc(ptr, new_len);
  if (moved != NULL) {
    host->memory = host->memory - old + new_len;
  }
  return moved;
}

struct wsc_host *wsc_host_of(lua_State *lua) {
  void *user;
  lua_getallocf(lua, &user);
  return user;
}

/* ---- the environment of case files ---- */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  char lower = (char)(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* hex "81 05": bytes; white space between digits is ignored. */
static int lua_hex(lua_State *lua) {
  size_t len;
  const char *text = luaL_checklstring(lua, 1, &len);
  luaL_Buffer out;
  luaL_buffinit(lua, &out);
  int high = -1;
  for (size_t i = 0; i < len; i++) {
    if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t') {
      continue;
    }
    int digit = hex_digit(text[i]);
    if (digit < 0) {
      return luaL_error(lua, "hex: '%c' is no hexadecimal digit", text[i]);
    }
    if (high >= 0) {
      luaL_addchar(&out, (char)(high * 16 + digit));
    }
    high = high >= 0 ? -1 : digit;
  }
  if (high >= 0) {
    return luaL_error(lua, "hex: odd number of digits");
  }
  luaL_pushresult(&out);
  return 1;
}

static int unknown_global(lua_State *lua) {
  return luaL_error(lua, "unknown global '%s'", luaL_tolstring(lua, 2, NULL));
}

static int assign_global(lua_State *lua) {
  return luaL_error(lua, "assignment to global '%s' (write 'local')",
                    luaL_tolstring(lua, 2, NULL));
}

static void remove_field(lua_State *lua, const char *library,
                         const char *name) {
  lua_getglobal(lua, library);
  lua_pushnil(lua);
  lua_setfield(lua, -2, name);
  lua_pop(lua, 1);
}

/* Pushes the strict environment: base functions without a way out (no io, os,
 * debug, load, coroutine, pcall), and no unseeded randomness; `verb` is what the
 * file declares things with. */
static void push_environment(lua_State *lua, const char *verb) {
  const char *const kept[] = {"string",   "table",  "utf8",     "math",
                              "pairs",    "ipairs", "next",     "select",
                              "tostring", "type",   "error",    "assert",
                              "hex",      verb,     "tonumber", "deflate"};
  lua_newtable(lua);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    lua_getglobal(lua, kept[i]);
    lua_setfield(lua, -2, kept[i]);
  }
  lua_newtable(lua);
  lua_pushcfunction(lua, unknown_global);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, assign_global);
  lua_setfield(lua, -2, "__newindex");
  lua_setmetatable(lua, -2);
}

static void open_libraries(lua_State *lua) {
  luaL_requiref(lua, "_G", luaopen_base, 1);
  luaL_requiref(lua, "string", luaopen_string, 1);
  luaL_requiref(lua, "table", luaopen_table, 1);
  luaL_requiref(lua, "utf8", luaopen_utf8, 1);
  luaL_requiref(lua, "math", luaopen_math, 1);
  lua_settop(lua, 0);
  remove_field(lua, "math", "random");
  remove_field(lua, "math", "randomseed");
  remove_field(lua, "string", "dump");
  lua_register(lua, "hex", lua_hex);
  lua_register(lua, "case", wsc_lua_case);
}

/* ---- loading ---- */

/* Errors of Lua begin with file and line where there is one. */
static char *name_error(struct wsc_host *host, const char *name, int status) {
  const char *text = status == LUA_ERRMEM ? "the script is out of memory"
                                          : luaL_tolstring(host->lua, -1, NULL);
  if (strncmp(text, name, strlen(name)) == 0) {
    return wsc_strdup(text);
  }
  return wsc_strdup(wsc_arena_printf(&host->arena, "%s: %s", name, text));
}

bool wsc_host_run_chunk(struct wsc_host *host, const char *name,
                        const char *text, size_t len, const char *verb,
                        char **error) {
  lua_State *lua = host->lua;
  const char *chunk = wsc_arena_printf(&host->arena, "@%s", name);
  int status = luaL_loadbufferx(lua, text, len, chunk, "t");
  if (status == LUA_OK) {
    push_environment(lua, verb);
    lua_setupvalue(lua, -2, 1);
    host->budget = 0;
    status = lua_pcall(lua, 0, 0, 0);
  }
  if (status != LUA_OK) {
    *error = name_error(host, name, status);
  }
  lua_settop(lua, 0);
  return status == LUA_OK;
}

static void add_source(struct wsc_host *host, const char *name,
                       const char *text, size_t len) {
  /* Room for one more than is counted: the end of the array. */
  host->sources =
      wsc_arena_grow(&host->arena, host->sources, host->num_sources + 1,
                     &host->cap_sources, sizeof *host->sources);
  struct wsc_embedded *source = &host->sources[host->num_sources++];
  source->name = wsc_arena_printf(&host->arena, "%s", name);
  source->data = (const uint8_t *)wsc_arena_copy(&host->arena, text, len);
  source->end = source->data + len;
  source[1] = (struct wsc_embedded){NULL, NULL, NULL};
}

bool wsc_host_load(struct wsc_host *host, const char *name, const char *text,
                   size_t len, char **error) {
  size_t before = host->num_cases;
  add_source(host, name, text, len);
  if (!wsc_host_run_chunk(host, name, text, len, "case", error)) {
    host->num_cases = before;
    return false;
  }
  return true;
}

bool wsc_host_load_builtin(struct wsc_host *host, char **error) {
  for (const struct wsc_embedded *file = wsc_cases; file->name != NULL;
       file++) {
    size_t len = (size_t)(file->end - file->data);
    if (!wsc_host_load(host, file->name, (const char *)file->data, len,
                       error)) {
      return false;
    }
  }
  return true;
}

char *wsc_host_read_file(struct wsc_host *host, const char *path, size_t *len,
                         char **error) {
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  *len = 0;
  if (file != NULL) {
    size_t cap = 1u << 16;
    text = wsc_malloc(cap);
    for (;;) {
      *len += fread(text + *len, 1, cap - *len, file);
      if (*len < cap) {
        break;
      }
      cap *= 2;
      text = wsc_realloc(text, cap);
    }
  }
  if (file == NULL || ferror(file)) {
    *error = wsc_strdup(
        wsc_arena_printf(&host->arena, "%s: %s", path, strerror(errno)));
    free(text);
    text = NULL;
  }
  if (file != NULL) {
    fclose(file);
  }
  return text;
}

static bool load_file(struct wsc_host *host, const char *directory,
                      const char *name, char **error) {
  const char *path = wsc_arena_printf(&host->arena, "%s/%s", directory, name);
  size_t len;
  char *text = wsc_host_read_file(host, path, &len, error);
  if (text == NULL) {
    return false;
  }
  bool good = wsc_host_load(host, path, text, len, error);
  free(text);
  return good;
}

static int is_case_file(const struct dirent *entry) {
  size_t len = strlen(entry->d_name);
  return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

bool wsc_host_load_directory(struct wsc_host *host, const char *path,
                             char **error) {
  struct dirent **entries;
  int num = scandir(path, &entries, is_case_file, by_name);
  if (num <= 0) {
    const char *why = num < 0 ? strerror(errno) : "holds no case file (*.lua)";
    *error = wsc_strdup(wsc_arena_printf(&host->arena, "%s: %s", path, why));
    if (num == 0) {
      free(entries);
    }
    return false;
  }
  bool good = true;
  for (int i = 0; i < num; i++) {
    good = good && load_file(host, path, entries[i]->d_name, error);
    free(entries[i]);
  }
  free(entries);
  return good;
}

/* ---- life ---- */

static bool load_internal(struct wsc_host *host) {
  host->internal = true;
  for (const struct wsc_embedded *file = wsc_scripts; file->name != NULL;
       file++) {
    const char *text = (const char *)file->data;
    size_t len = (size_t)(file->end - file->data);
    lua_State *lua = host->lua;
    /* '=' chunks are no files: their lines are never shown as a case's. */
    if (luaL_loadbufferx(lua, text, len, "=wsspec", "t") != LUA_OK ||
        lua_pcall(lua, 0, 0, 0) != LUA_OK) {
      fprintf(stderr, "wsspec: %s: %s\n", file->name,
              luaL_tolstring(lua, -1, NULL));
      return false;
    }
  }
  host->internal = false;
  return true;
}

struct wsc_host *wsc_host_new(void) {
  struct wsc_host *host = wsc_malloc(sizeof *host);
  memset(host, 0, sizeof *host);
  wsc_arena_init(&host->arena);
  host->cap_sources = 1; /* the end of the array */
  host->sources = wsc_arena_alloc(&host->arena, sizeof *host->sources);
  host->echo = "auto";
  host->lua = lua_newstate(allocate, host);
  if (host->lua == NULL) {
    wsc_host_free(host);
    return NULL;
  }
  open_libraries(host->lua);
  wsc_lua_watch(host->lua);
  wsc_lua_trial_register(host->lua);
  wsc_lua_link_register(host->lua);
  wsc_lua_response_register(host->lua);
  wsc_lua_deflate_register(host->lua);
  if (!load_internal(host)) {
    wsc_host_free(host);
    return NULL;
  }
  return host;
}

void wsc_host_free(struct wsc_host *host) {
  if (host == NULL) {
    return;
  }
  if (host->lua != NULL) {
    lua_close(host->lua);
  }
  wsc_arena_free(&host->arena);
  free(host);
}

const struct wsc_case *const *wsc_host_cases(const struct wsc_host *host,
                                             size_t *num) {
  *num = host->num_cases;
  return host->cases;
}

const struct wsc_case *wsc_host_sanity_first(const struct wsc_host *host) {
  return host->sanity[0];
}

const struct wsc_case *wsc_host_sanity_last(const struct wsc_host *host) {
  return host->sanity[1];
}

void wsc_host_set_echo(struct wsc_host *host, const char *mode) {
  host->echo = mode;
}

void wsc_host_set_full(struct wsc_host *host, bool full) {
  host->full = full;
}

const struct wsc_embedded *wsc_host_sources(const struct wsc_host *host) {
  return host->sources;
}

const char *wsc_host_source_line(const struct wsc_host *host, const char *file,
                                 int line, size_t *len) {
  *len = 0;
  const struct wsc_embedded *source = wsc_host_sources(host);
  while (source->name != NULL && strcmp(source->name, file) != 0) {
    source++;
  }
  const char *at = (const char *)source->data;
  for (int n = 1; n < line && at != NULL; n++) {
    at = strchr(at, '\n');
    at = at == NULL ? NULL : at + 1;
  }
  *len = at == NULL ? 0 : strcspn(at, "\n");
  return at == NULL ? "" : at;
}
