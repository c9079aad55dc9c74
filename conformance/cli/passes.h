/* passes.h: what --variant and --chop ask for: one server is measured once for
 * each transport and each way to cut what is sent. */
#ifndef WSC_PASSES_H
#define WSC_PASSES_H

#include "chop.h"
#include "cli.h"
#include "ws/url.h"

struct wsc_passes {
  bool plain;  /* ws */
  bool secure; /* wss */
  bool chops[WSC_NUM_CHOPS];
};

/* What `options` ask for a server at `url`; without --variant what its scheme
 * says, without --chop `whole`. `url` NULL: only whether the options are well-formed.
 * -1, or the exit code of an error that was printed. */
int wsc_passes_of(struct wsc_passes *passes, const struct wsc_options *options,
                  const struct ws_url *url);

/* The address of the same server over TLS: --tls-port, else 443 where `url` has
 * the default port too. Only after wsc_passes_of has taken both. */
void wsc_passes_secure(struct ws_url *secure, const struct ws_url *url,
                       const struct wsc_options *options);

#endif
