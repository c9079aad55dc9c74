/* link.h: one connection of a trial, as octets.
 *
 * It records everything on the wire log, keeps what was received until it is
 * read, and hands it to a session (session.h) once the opening handshake is
 * over. */
#ifndef WSC_LINK_H
#define WSC_LINK_H

#include "trial.h"
#include "ws/http.h"

enum wsc_link_state {
  WSC_LINK_DIALING,
  WSC_LINK_REFUSED, /* the dial failed */
  WSC_LINK_UP,
  WSC_LINK_FIN,     /* the peer ended its direction in order */
  WSC_LINK_RST,     /* broken */
  WSC_LINK_RELEASED /* given up by us */
};

struct wsc_link;
struct wsc_session;

/* Dials a new connection of `trial`, which owns it. */
struct wsc_link *wsc_link_dial(struct wsc_trial *trial);

struct wsc_link *wsc_link_next(const struct wsc_link *link);
void wsc_link_free(struct wsc_link *link);
void wsc_link_release(struct wsc_link *link);

enum wsc_link_state wsc_link_state(const struct wsc_link *link);
struct wsc_trial *wsc_link_trial(const struct wsc_link *link);
int wsc_link_id(const struct wsc_link *link);

/* FIN, RST or a refused dial: nothing more will come. */
bool wsc_link_ended(const struct wsc_link *link);

/* When it ended, on the trial's clock; 0 while it has not. */
uint64_t wsc_link_ended_at(const struct wsc_link *link);

/* It ended with a FIN that no close_notify of TLS came before. */
bool wsc_link_truncated(const struct wsc_link *link);

/* How it ended or why the dial failed, in words; static. */
const char *wsc_link_end_text(const struct wsc_link *link);

/* Sends octets as one write, or as the context's `chop` cuts it, or into the
 * cork. */
void wsc_link_send(struct wsc_link *link, const uint8_t *data, size_t len);

/* Writes what WSC_CHOP_COALESCED has kept back: before anybody waits. */
void wsc_link_push(struct wsc_link *link);

/* From here on sends are gathered, until wsc_link_flush sends them: as one
 * write (piece 0), or in writes of `piece` bytes. `chop` leaves these as they
 * are: how they are cut is what the case is about. */
void wsc_link_cork(struct wsc_link *link);
void wsc_link_flush(struct wsc_link *link, size_t piece);

/* Bytes sent by the script (the cork's included) and received so far. */
uint64_t wsc_link_sent(const struct wsc_link *link);
uint64_t wsc_link_received(const struct wsc_link *link);

/* When something was sent last, on the trial's clock; before that, when it was
 * dialled. */
uint64_t wsc_link_sent_at(const struct wsc_link *link);

/* Bytes sent that have not left for the network, and those in the cork. */
size_t wsc_link_unsent(const struct wsc_link *link);

void wsc_link_finish(struct wsc_link *link); /* FIN */
void wsc_link_reset(struct wsc_link *link);  /* RST */
void wsc_link_pause(struct wsc_link *link, bool paused);

/* What was received and not taken yet; borrowed until the next event. Of what
 * nobody takes at most a megabyte is read. */
struct ws_slice wsc_link_unread(const struct wsc_link *link);
void wsc_link_take(struct wsc_link *link, size_t len);

/* The session that reads what comes, made by wsc_session_begin. */
struct wsc_session *wsc_link_session(const struct wsc_link *link);
void wsc_link_set_session(struct wsc_link *link, struct wsc_session *session);

#endif
