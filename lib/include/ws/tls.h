/* tls.h: TLS 1.2 and 1.3 (OpenSSL) as a filter on a stream of io.h.
 *
 * A `struct ws_tls` holds what the connections of one kind share: certificates,
 * what is trusted, versions. A stream is laid over another one with
 * ws_tls_connect or ws_tls_accept, and is then used through io.h like any
 * stream; the lower one belongs to it.
 *
 * Its events: WS_IO_UP when the TLS handshake is over; WS_IO_FAILED when the
 * dial below or the handshake failed, with a text that names the reason (a
 * certificate that does not verify, and why), for accepted streams as well. The
 * handshake has no time limit of its own: set a timer. WS_IO_FIN for the peer's
 * close_notify, or for a FIN of TCP without one: then `truncated` is set in the
 * notice, since somebody on the path could have cut the stream there. An alert
 * or a record that does not decrypt is WS_IO_BROKEN. ws_io_finish and
 * ws_io_close send our close_notify before the FIN, and so does ws_io_release
 * when nothing is queued. ws_io_unsent counts records once the handshake is
 * over: a little more than was written.
 *
 * A client verifies the server's certificate against the trusted ones and its
 * host name (RFC 6455 4.1, 10.6; RFC 9525: as a subjectAltName, never as the
 * subject's common name) unless `insecure` is set, sends the name as SNI where
 * it is one (no IP address: RFC 6066 3), and offers the ALPN protocol http/1.1;
 * a server selects it when it is offered, and refuses a client that offers only
 * others (RFC 7301 3.2). */
#ifndef WS_TLS_H
#define WS_TLS_H

#include "ws/io.h"
#include "ws/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WS_TLS_TEXT_MAX 256 /* bytes of an error's text, NUL included */

struct ws_tls; /* counts its references */

enum ws_tls_version { WS_TLS_ANY, WS_TLS_1_2, WS_TLS_1_3 };

/* File names are borrowed for the call; all files are PEM. */
struct ws_tls_options {
  const char *cert_file; /* certificate chain, leaf first; a server needs it */
  const char *key_file;  /* its key; NULL: in cert_file */
  const char *ca_file;   /* what is trusted; NULL: the system's store for a
                            client, and no client certificate is asked for by
                            a server. A server that has it demands one */
  bool insecure;         /* client: verify nothing */
  enum ws_tls_version min_version; /* WS_TLS_ANY: 1.2 */
  enum ws_tls_version max_version; /* WS_TLS_ANY: the newest */
};

/* Owned by the caller. NULL, and `text` says which file or value is wrong. */
struct ws_tls *ws_tls_client_new(const struct ws_tls_options *options,
                                 char text[WS_TLS_TEXT_MAX]);
struct ws_tls *ws_tls_server_new(const struct ws_tls_options *options,
                                 char text[WS_TLS_TEXT_MAX]);

/* A further reference; returns `tls`. */
struct ws_tls *ws_tls_ref(struct ws_tls *tls);

/* Gives the caller's reference up; streams keep their own. NULL is ignored. */
void ws_tls_free(struct ws_tls *tls);

/* Lays TLS over `lower`, a stream that is being dialed or that was accepted;
 * `lower` is owned by the result from then on. `name` (copied) is the host that
 * the client means: a name, or an IP address without brackets. NULL: out of
 * memory; `lower` has been released. */
struct ws_io_stream *ws_tls_connect(struct ws_tls *tls,
                                    struct ws_io_stream *lower,
                                    const char *name,
                                    struct ws_io_listener listener);
/* The listener comes with ws_io_attach, as for every accepted stream; the
 * handshake begins then, and its end is told as WS_IO_UP. */
struct ws_io_stream *ws_tls_accept(struct ws_tls *tls,
                                   struct ws_io_stream *lower);

/* What was agreed. Texts are NUL-terminated, escaped to printable ASCII, cut to
 * their arrays; empty when there is nothing to tell. */
struct ws_tls_info {
  char version[16];  /* "TLSv1.3" */
  char cipher[64];   /* "TLS_AES_256_GCM_SHA384" */
  char alpn[32];     /* "http/1.1"; empty: none was selected */
  char subject[256]; /* of the peer's certificate */
  char issuer[256];
  char names[256]; /* its subjectAltNames, DNS and IP: "a.example, 192.0.2.1";
                      "no name" */
  char not_before[24]; /* "2026-11-23T00:00:00Z" */
  char not_after[24];
  char fingerprint[65]; /* SHA-256 of the certificate, hex */
  char verified[128];   /* "ok", or why it would not verify: filled with
                            `insecure`, too */
};

/* True and *info for a TLS stream that is up, else false. */
bool ws_tls_info(const struct ws_io_stream *stream, struct ws_tls_info *info);

#ifdef __cplusplus
}
#endif

#endif
