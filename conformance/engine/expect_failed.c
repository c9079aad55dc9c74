/* expect_failed.c: "was it rejected?", the question behind most negative cases
 * (rules F6 and F7). */
#include "expect_internal.h"

/* How long a pong to the probe may run ahead of the end of the connection: the
 * peer may answer control frames before it has judged what came before them. */
#define GRACE       250000
#define GRACE_SHARE 4 /* times what the first pong took, when it is slow */

void wsc_expect_failed_begin(struct wsc_expect_failed *op,
                             struct wsc_link *link) {
  op->began = wsc_trial_time(wsc_link_trial(link));
  op->deadline = wsc_trial_deadline(wsc_link_trial(link));
  op->grace = 0;
  op->second = 0;
  op->pong_noted = false;
  op->probe = op->no_probe ? 0 : wsc_session_probe(wsc_link_session(link));
}

static void judge(struct wsc_link *link, const struct wsc_expect_failed *op,
                  enum wsc_strength strength, const char *got, bool absent) {
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .strength = strength,
      .holds = got == NULL,
      .absent = absent,
      .expected = "the peer fails the connection",
      .got = got,
  };
  wsc_trial_judge(wsc_link_trial(link), &judgement);
}

static bool may_come(const struct wsc_expect_failed *op,
                     const struct wsc_event *event) {
  for (size_t i = 0; i < op->num_allow; i++) {
    if (wsc_expect_is(event, &op->allow[i])) {
      return true;
    }
  }
  return false;
}

/* A message that the peer delivered although the connection had to fail first.
 * Greetings (F11) and echoes of earlier, legal messages are none. */
static const struct wsc_event *delivered(const struct wsc_expect_failed *op,
                                         struct wsc_link *link) {
  const struct wsc_event *event = wsc_session_events(wsc_link_session(link));
  for (; event != NULL; event = event->next) {
    bool data =
        event->kind == WSC_EVENT_TEXT || event->kind == WSC_EVENT_BINARY;
    if (data && !may_come(op, event) &&
        !wsc_link_trial(link)->context->greets) {
      return event;
    }
  }
  return NULL;
}

static const char *list_codes(struct wsc_trial *trial,
                              const struct wsc_expect_failed *op) {
  const char *text = "";
  for (size_t i = 0; i < op->num_codes; i++) {
    text =
        wsc_trial_text(trial, "%s%s%u", text, i == 0 ? "" : ", ", op->codes[i]);
  }
  return text;
}

/* It was rejected; F7 grades how. */
static enum wsc_progress rejected(struct wsc_expect_failed *op,
                                  struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  struct wsc_session *session = wsc_link_session(link);
  const struct wsc_event *close = wsc_session_close(session);
  judge(link, op, WSC_MUST, NULL, false);
  wsc_session_note_failed(session);
  if (close == NULL || op->num_codes == 0 || close->len < 2 ||
      wsc_expect_has_code(op->codes, op->num_codes, close->code)) {
    return WSC_DONE;
  }
  struct wsc_judgement judgement = {
      .requirement = op->requirement,
      .strength = WSC_TOLERATED,
      .expected = wsc_trial_text(trial, "a failure code that fits: %s",
                                 list_codes(trial, op)),
      .got = wsc_expect_describe(trial, close),
  };
  /* An ordinary Close reply to a Close that had to fail the connection: said
   * apart, because the cases that allow it name it so. */
  if (op->ordinary_tolerated && wsc_session_close_sent(session) &&
      (close->code == 1000 ||
       close->code == wsc_session_close_sent_code(session))) {
    judgement.expected = "the peer fails the connection";
    judgement.got = wsc_trial_text(trial, "it closed in the ordinary way: %s",
                                   wsc_expect_describe(trial, close));
  }
  wsc_trial_judge(trial, &judgement);
  return WSC_DONE;
}

static enum wsc_progress accepted(const struct wsc_expect_failed *op,
                                  struct wsc_link *link, const char *got,
                                  bool absent) {
  judge(link, op, op->accepted_tolerated ? WSC_TOLERATED : WSC_MUST, got,
        absent);
  return WSC_STOP;
}

static enum wsc_progress out_of_time(const struct wsc_expect_failed *op,
                                     struct wsc_link *link) {
  struct wsc_session *session = wsc_link_session(link);
  if (op->probe != 0 && wsc_session_probed(session) >= op->probe) {
    return accepted(op, link, "it answered the ping behind it and stayed open",
                    true);
  }
  if (op->patient) {
    judge(link, op, WSC_NOTE, "it waits for more", false);
    return WSC_DONE;
  }
  judge(link, op, WSC_TOLERATED, "it stalled: no reaction at all", true);
  return WSC_STOP;
}

/* A peer that is busy needs longer for all it does. */
static uint64_t grace_of(const struct wsc_expect_failed *op,
                         const struct wsc_trial *trial) {
  uint64_t most = trial->context->timeout;
  uint64_t grace = (wsc_trial_time(trial) - op->began) * GRACE_SHARE;
  grace = grace > most ? most : grace;
  return grace > GRACE ? grace : GRACE;
}

/* The answer to the probe. For a frame-level offence it means acceptance once a
 * second probe, sent after a moment's grace, is answered too. */
static bool accepted_by_pong(struct wsc_expect_failed *op,
                             struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  struct wsc_session *session = wsc_link_session(link);
  if (op->message_level || op->probe == 0 ||
      wsc_session_probed(session) < op->probe) {
    return false;
  }
  if (op->grace == 0) {
    op->grace = wsc_trial_after(trial, grace_of(op, trial));
  }
  if (op->second == 0 && wsc_trial_past(trial, op->grace)) {
    op->second = wsc_session_probe(session);
    op->deadline = wsc_trial_deadline(trial);
  }
  return op->second != 0 && wsc_session_probed(session) >= op->second;
}

enum wsc_progress wsc_expect_failed_step(struct wsc_expect_failed *op,
                                         struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  struct wsc_session *session = wsc_link_session(link);
  if (wsc_expect_flooded(link)) {
    return WSC_STOP;
  }
  const struct wsc_event *message = delivered(op, link);
  if (message != NULL) {
    const char *got = wsc_trial_text(trial, "it delivered %s",
                                     wsc_expect_describe(trial, message));
    return accepted(op, link, got, false);
  }
  bool closed = wsc_session_close(session) != NULL;
  if (closed && !wsc_session_close_sent(session)) {
    /* Answered, so that a peer which waits for our Close ends TCP (7.1.1). */
    wsc_session_send_close(session, wsc_session_close(session)->code);
  }
  if (wsc_link_ended(link)) {
    return rejected(op, link);
  }
  if (!closed && accepted_by_pong(op, link)) {
    return accepted(op, link, "it answered the pings behind it", false);
  }
  if (wsc_trial_past(trial, op->deadline)) {
    return closed ? rejected(op, link) : out_of_time(op, link);
  }
  bool in_grace = !closed && op->grace != 0 && op->second == 0;
  trial->wake_at = in_grace ? op->grace : op->deadline;
  return WSC_PENDING;
}
