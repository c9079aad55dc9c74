#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "host_internal.h"

#define READY_WITHIN UINT64_C(30000000)
#define STOP_WITHIN  UINT64_C(5000000)

static const char *const fields[] = {
    "name",    "url",          "start",       "ready",   "environment",
    "expect",  "subprotocol",  "origin",      "echo",    "headers",
    "exclude", "ready_within", "stop_within", "timeout", NULL};

struct wsc_config {
  struct wsc_host *host; /* owns all text */
  struct wsc_implementation *items;
  size_t num_items, cap_items;
  const char *directory;
};

/* A string is for the shell. */
static const char *const *read_start(lua_State *lua, struct wsc_host *host) {
  size_t num;
  int type = lua_getfield(lua, 1, "start");
  lua_pop(lua, 1);
  if (type == LUA_TNIL) {
    return NULL;
  }
  if (type == LUA_TSTRING) {
    const char **argv = wsc_arena_alloc(&host->arena, 4 * sizeof *argv);
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = wsc_lua_field(lua, host, "start", NULL);
    return argv;
  }
  const char *const *argv = wsc_lua_field_list(lua, host, "start", &num);
  if (num == 0) {
    luaL_error(lua, "the field 'start' names no program");
  }
  return argv;
}

/* A list of strings that each have `mark`, or an empty one. */
static const char *const *read_marked(lua_State *lua, struct wsc_host *host,
                                      const char *key, char mark) {
  size_t num;
  const char *const *list = wsc_lua_field_list(lua, host, key, &num);
  for (size_t i = 0; i < num && mark != '\0'; i++) {
    const char *at = strchr(list[i], mark);
    if (at == NULL || at == list[i] || strpbrk(list[i], "\r\n") != NULL) {
      luaL_error(lua, "the field '%s': '%s' is not of the form NAME%cVALUE",
                 key, list[i], mark);
    }
  }
  static const char *const none[] = {NULL};
  return list == NULL ? none : list;
}

/* "" of a field that is absent is NULL. */
static const char *optional(lua_State *lua, struct wsc_host *host,
                            const char *key) {
  const char *text = wsc_lua_field(lua, host, key, "");
  return text[0] == '\0' ? NULL : text;
}

static const char *in_directory(struct wsc_config *config, const char *path) {
  if (path == NULL || path[0] == '/') {
    return path;
  }
  return wsc_arena_printf(&config->host->arena, "%s/%s", config->directory,
                          path);
}

static void check(lua_State *lua, const struct wsc_config *config,
                  const struct wsc_implementation *item) {
  static const char *const modes[] = {"auto", "yes", "no"};
  bool known = false;
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    known = known || strcmp(item->echo, modes[i]) == 0;
  }
  if (!known) {
    luaL_error(lua, "the field 'echo' must be 'auto', 'yes' or 'no'");
  }
  if (item->name[0] == '\0') {
    luaL_error(lua, "the field 'name' is empty");
  }
  for (size_t i = 0; i < config->num_items; i++) {
    if (strcmp(config->items[i].name, item->name) == 0) {
      luaL_error(lua, "the name '%s' is taken (line %d)", item->name,
                 config->items[i].line);
    }
  }
  if (item->start == NULL &&
      (item->ready != NULL || strstr(item->url, "{port}") != NULL)) {
    luaL_error(lua, "'ready' and '{port}' need the field 'start'");
  }
}

/* implementation { ... } */
static int lua_implementation(lua_State *lua) {
  struct wsc_host *host = wsc_host_of(lua);
  struct wsc_config *config = host->config;
  lua_Debug info = {0};
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 1);
  wsc_lua_check_options(lua, 1, fields);
  if (lua_getstack(lua, 1, &info) != 0) {
    lua_getinfo(lua, "l", &info);
  }
  struct wsc_implementation item = {
      .name = wsc_lua_field(lua, host, "name", NULL),
      .url = wsc_lua_field(lua, host, "url", NULL),
      .start = read_start(lua, host),
      .ready = optional(lua, host, "ready"),
      .environment = read_marked(lua, host, "environment", '='),
      .expect = in_directory(config, optional(lua, host, "expect")),
      .subprotocol = optional(lua, host, "subprotocol"),
      .origin = optional(lua, host, "origin"),
      .echo = wsc_lua_field(lua, host, "echo", "auto"),
      .headers = read_marked(lua, host, "headers", ':'),
      .exclude = read_marked(lua, host, "exclude", '\0'),
      .ready_within = wsc_lua_option_time(lua, 1, "ready_within", READY_WITHIN),
      .stop_within = wsc_lua_option_time(lua, 1, "stop_within", STOP_WITHIN),
      .timeout = wsc_lua_option_time(lua, 1, "timeout", 0),
      .line = info.currentline,
  };
  check(lua, config, &item);
  config->items = wsc_arena_grow(&host->arena, config->items, config->num_items,
                                 &config->cap_items, sizeof *config->items);
  config->items[config->num_items++] = item;
  return 0;
}

static bool read_config(struct wsc_config *config, const char *path,
                        char **error) {
  struct wsc_host *host = config->host;
  const char *slash = strrchr(path, '/');
  size_t folder = slash == NULL ? 0 : (size_t)(slash - path);
  config->directory = slash == NULL ? "."
                                    : wsc_arena_copy(&host->arena, path,
                                                     folder == 0 ? 1 : folder);
  size_t len;
  char *text = wsc_host_read_file(host, path, &len, error);
  if (text == NULL) {
    return false;
  }
  host->config = config;
  lua_register(host->lua, "implementation", lua_implementation);
  bool good =
      wsc_host_run_chunk(host, path, text, len, "implementation", error);
  free(text);
  if (good && config->num_items == 0) {
    *error = wsc_strdup(wsc_arena_printf(
        &host->arena, "%s: describes no implementation", path));
  }
  return good && config->num_items != 0;
}

struct wsc_config *wsc_config_read(const char *path, char **error) {
  struct wsc_config *config = wsc_malloc(sizeof *config);
  memset(config, 0, sizeof *config);
  *error = NULL;
  config->host = wsc_host_new();
  if (config->host == NULL || !read_config(config, path, error)) {
    wsc_config_free(config);
    return NULL;
  }
  return config;
}

void wsc_config_free(struct wsc_config *config) {
  if (config != NULL) {
    wsc_host_free(config->host);
    free(config);
  }
}

const struct wsc_implementation *
wsc_config_items(const struct wsc_config *config, size_t *num) {
  *num = config->num_items;
  return config->items;
}

const char *wsc_config_directory(const struct wsc_config *config) {
  return config->directory;
}
