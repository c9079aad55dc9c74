/* config.h: the file of `wsspec run`: several implementations, how each is
 * started, and what is to be known about it. A Lua file in the same strict
 * environment as the cases, with one function:
 *
 *     implementation {
 *       name = "ws 8 (Node.js)",          -- unique
 *       start = { "npm-ws/serve", "0" },  -- absent: it runs already
 *       ready = "ready {port}",           -- a line of its output
 *       url = "ws://127.0.0.1:{port}/",
 *     }
 *
 * A string as `start` is for the shell (sh -c). `{port}` in `ready` stands for
 * the number that the line says; without it, `{port}` in `start`, `url` and
 * `environment` is a free port that the runner picks. Without `ready` the
 * implementation is ready when its port accepts a connection. Relative paths are
 * meant from the folder of the file. */
#ifndef WSC_CONFIG_H
#define WSC_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strings and lists (NULL-ended) are owned by the configuration. */
struct wsc_implementation {
  const char *name;
  const char *url;
  const char *const *start;       /* NULL: it runs already */
  const char *ready;              /* NULL: when its port accepts a connection */
  const char *const *environment; /* "NAME=VALUE"; never NULL */
  const char *expect;             /* file of known deviations, or NULL */
  const char *subprotocol;        /* or NULL, as the next */
  const char *origin;
  const char *echo;           /* "auto", "yes", "no" */
  const char *const *headers; /* "Name: value"; never NULL */
  const char *const *exclude; /* filters; never NULL */
  uint64_t ready_within;      /* microseconds */
  uint64_t stop_within;       /* from SIGTERM to SIGKILL */
  uint64_t timeout;           /* the reaction timeout T; 0: the run's */
  int line;                   /* of the file */
};

struct wsc_config; /* opaque */

/* NULL: *error (free()) says file, line and what is wrong. */
struct wsc_config *wsc_config_read(const char *path, char **error);
void wsc_config_free(struct wsc_config *config); /* NULL is ignored */

const struct wsc_implementation *
wsc_config_items(const struct wsc_config *config, size_t *num);

/* The folder of the file, where the implementations are started. */
const char *wsc_config_directory(const struct wsc_config *config);

#endif
