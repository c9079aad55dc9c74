/* Listeners and handlers, and what they may do to the socket while an event is
 * told. */
#include "websocket_support.h"

/* WHATWG-handlers-01 */
static void there_is_a_handler_for_each_event(void **state) {
  struct rig *rig = *state;
  rig_open(rig, WS_CLIENT); /* rig_watch sets all four */
  PEER_SEND(rig, 0x81, "hi");
  PEER_SEND(rig, 0xC1, "rsv");
  rig_expect(rig, "1o 1t[hi] 3e 3c[0,1006,] ");
}

static void check_members(struct rig *rig,
                          const struct ws_websocket_event *event) {
  assert_ptr_equal(event->target, rig->socket);
  if (event->type != WS_WEBSOCKET_CLOSE) {
    assert_false(event->was_clean);
    assert_int_equal(event->code, 0);
    assert_int_equal(event->reason.len, 0);
  }
  if (event->type != WS_WEBSOCKET_MESSAGE) {
    assert_null(event->blob);
    assert_null(event->origin);
    assert_int_equal(event->data.len, 0);
  }
}

/* WHATWG-closeevent-01, WHATWG-closeevent-02, WHATWG-closeevent-03 */
static void members_of_other_events_have_their_initial_values(void **state) {
  struct rig *rig = *state;
  rig->act = check_members;
  rig_open(rig, WS_CLIENT);
  PEER_SEND(rig, 0x82, "hi");
  peer_close(rig);
  rig_expect(rig, "1o 1b[hi] 3e 3c[0,1006,] ");
}

/* Order --------------------------------------------------------------------
 */

/* Each listener writes its letter, and may do something once. */
struct scribe {
  struct script *script;
  char letter;
  void (*act)(struct script *script);
};

struct script {
  struct rig *rig;
  struct scribe scribes[6];
  char text[64];
};

static void write_letter(void *user, const struct ws_websocket_event *event) {
  struct scribe *scribe = user;
  size_t used = strlen(scribe->script->text);
  assert_int_equal(event->type, WS_WEBSOCKET_MESSAGE);
  scribe->script->text[used] = scribe->letter;
  if (scribe->act != NULL) {
    scribe->act(scribe->script);
  }
}

static void add(struct script *script, size_t i) {
  assert_int_equal(ws_websocket_add_listener(script->rig->socket,
                                             WS_WEBSOCKET_MESSAGE, write_letter,
                                             &script->scribes[i]),
                   WS_OK);
}

static void drop(struct script *script, size_t i) {
  ws_websocket_remove_listener(script->rig->socket, WS_WEBSOCKET_MESSAGE,
                               write_letter, &script->scribes[i]);
}

static void handle(struct script *script, size_t i) {
  ws_websocket_on_message(script->rig->socket, write_letter,
                          &script->scribes[i]);
}

static struct script script_of(struct rig *rig) {
  struct script script = {.rig = rig};
  rig_open(rig, WS_CLIENT);
  ws_websocket_on_message(rig->socket, NULL, NULL);
  return script;
}

static void name_scribes(struct script *script) {
  for (size_t i = 0; i < NUM_OF(script->scribes); i++) {
    script->scribes[i].script = script;
    script->scribes[i].letter = (char)('a' + i);
  }
}

/* One message, and who has heard it. */
static void expect_letters(struct script *script, const char *letters) {
  memset(script->text, 0, sizeof(script->text));
  PEER_SEND(script->rig, 0x81, "hi");
  peer_fence(script->rig);
  assert_string_equal(script->text, letters);
}

static void listeners_are_called_in_the_order_of_their_coming(void **state) {
  struct script script = script_of(*state);
  name_scribes(&script);
  expect_letters(&script, "");
  add(&script, 0);
  handle(&script, 1);
  add(&script, 2);
  add(&script, 0); /* it is there already */
  expect_letters(&script, "abc");
  handle(&script, 3); /* takes the place of the handler before it */
  expect_letters(&script, "adc");
  ws_websocket_on_message(script.rig->socket, NULL, NULL);
  expect_letters(&script, "ac");
  handle(&script, 1);
  expect_letters(&script, "acb");
  drop(&script, 0);
  drop(&script, 5); /* was never there */
  expect_letters(&script, "cb");
  add(&script, 0);
  expect_letters(&script, "cba");
  assert_int_equal(ws_websocket_add_listener(script.rig->socket,
                                             WS_WEBSOCKET_NUM_EVENTS,
                                             write_letter, &script),
                   WS_ERR_ARGUMENT);
}

static void change_the_others(struct script *script) {
  script->scribes[0].act = NULL;
  add(script, 3);
  drop(script, 1);
}

static void replace_all(struct script *script) {
  script->scribes[0].act = NULL;
  drop(script, 0);
  drop(script, 2);
  add(script, 0); /* a new one: it does not hear this event again */
  handle(script, 4);
}

static void changes_during_an_event_are_for_the_next(void **state) {
  struct script script = script_of(*state);
  name_scribes(&script);
  for (size_t i = 0; i < 3; i++) {
    add(&script, i);
  }
  script.scribes[0].act = change_the_others;
  expect_letters(&script, "ac"); /* b was removed, d is new */
  expect_letters(&script, "acd");
  script.scribes[0].act = replace_all;
  expect_letters(&script, "ad"); /* c was removed; a and e are new */
  expect_letters(&script, "dae");
}

static void set_handler_anew(struct script *script) {
  ws_websocket_on_message(script->rig->socket, NULL, NULL);
  handle(script, 5);
}

/* Removed and set again it stands at the end, and is new. */
static void a_handler_that_replaces_itself(void **state) {
  struct script script = script_of(*state);
  name_scribes(&script);
  handle(&script, 0);
  add(&script, 1);
  script.scribes[0].act = set_handler_anew;
  expect_letters(&script, "ab");
  expect_letters(&script, "bf");
}

/* Whatever a listener does -------------------------------------------------- */

enum deed {
  DEED_CLOSE,
  DEED_ABORT,
  DEED_RELEASE,
  DEED_ABORT_AND_RELEASE,
  DEED_SEND,
  DEED_PAUSE,
  DEED_UNLISTEN,
  NUM_DEEDS
};

/* A run: what is done, and during which event. */
struct play {
  enum ws_role role;
  enum deed deed;
  enum ws_websocket_event_type when;
};

static void do_it(struct rig *rig, const struct ws_websocket_event *event) {
  struct ws_websocket *socket = event->target;
  const struct play *play = rig->user;
  if (event->type != play->when || rig->socket == NULL) {
    return;
  }
  switch (play->deed) {
  case DEED_CLOSE:
    ws_websocket_close(socket, 4000, "deed");
    break;
  case DEED_ABORT:
    ws_websocket_abort(socket);
    break;
  case DEED_RELEASE:
    rig->socket = NULL;
    ws_websocket_release(socket);
    break;
  case DEED_ABORT_AND_RELEASE:
    rig->socket = NULL;
    ws_websocket_abort(socket);
    ws_websocket_release(socket);
    break;
  case DEED_SEND:
    ws_websocket_send_text(socket, "deed", 4);
    break;
  case DEED_PAUSE:
    ws_websocket_pause(socket, true);
    break;
  case DEED_UNLISTEN:
    for (int i = 0; i < WS_WEBSOCKET_NUM_EVENTS; i++) {
      ws_websocket_set_handler(socket, (enum ws_websocket_event_type)i, NULL,
                               NULL);
    }
    break;
  case NUM_DEEDS:
    break;
  }
  /* What was borrowed for the callback is there until it returns. */
  if (event->type == WS_WEBSOCKET_MESSAGE) {
    assert_int_equal(event->data.len, 3);
    assert_true(memcmp(event->data.data, "one", 3) == 0 ||
                memcmp(event->data.data, "two", 3) == 0);
  }
}

/* What is left of the log when `deed` is done during `when`; the peer sends two
 * messages in one segment, and then a Close frame. */
static const char *const outcomes[NUM_DEEDS][4] = {
    [DEED_CLOSE] = {"1o 3c[1,1000,end] ", "1o 1t[one] 3c[1,1000,end] ",
                    "3e 3c[0,1006,] ", "1o 1t[one] 1t[two] 3c[1,1000,end] "},
    [DEED_ABORT] = {"1o 3e 3c[0,1006,] ", "1o 1t[one] 3e 3c[0,1006,] ",
                    "3e 3c[0,1006,] ", "1o 1t[one] 1t[two] 3c[1,1000,end] "},
    [DEED_RELEASE] = {"1o 1t[one] 1t[two] 3c[1,1000,end] ",
                      "1o 1t[one] 1t[two] 3c[1,1000,end] ", "3e 3c[0,1006,] ",
                      "1o 1t[one] 1t[two] 3c[1,1000,end] "},
    [DEED_ABORT_AND_RELEASE] = {"1o ", "1o 1t[one] ", "3e 3c[0,1006,] ",
                                "1o 1t[one] 1t[two] 3c[1,1000,end] "},
    [DEED_SEND] = {"1o 1t[one] 1t[two] 3c[1,1000,end] ",
                   "1o 1t[one] 1t[two] 3c[1,1000,end] ", "3e 3c[0,1006,] ",
                   "1o 1t[one] 1t[two] 3c[1,1000,end] "},
    [DEED_PAUSE] = {"1o ", "1o 1t[one] ", "3e 3c[0,1006,] ",
                    "1o 1t[one] 1t[two] 3c[1,1000,end] "},
    [DEED_UNLISTEN] = {"1o ", "1o 1t[one] ", "3e ",
                       "1o 1t[one] 1t[two] 3c[1,1000,end] "},
};

static void open_and_say_all(struct rig *rig, enum ws_role role) {
  static const char client[] = "\x81\x03one\x81\x03two\x88\x05\x03\xE8"
                               "end";
  static const char server[] = "\x81\x83\0\0\0\0one\x81\x83\0\0\0\0two"
                               "\x88\x85\0\0\0\0\x03\xE8"
                               "end";
  if (role == WS_CLIENT) {
    rig_connect(rig, "/");
    rig_accept(rig);
    rig_answer(rig, "");
    peer_send(rig, client, sizeof(client) - 1);
  } else {
    rig_adopt(rig);
    peer_send(rig, server, sizeof(server) - 1);
  }
}

static void run(struct play *play) {
  static const char refusal[] = "HTTP/1.1 404 \r\n\r\n";
  const char *outcome = outcomes[play->deed][play->when];
  struct rig rig;
  rig_init(&rig);
  rig.act = do_it;
  rig.user = play;
  if (play->when == WS_WEBSOCKET_ERROR) {
    rig_connect(&rig, "/");
    rig_accept(&rig);
    peer_send(&rig, refusal, sizeof(refusal) - 1);
  } else {
    open_and_say_all(&rig, play->role);
  }
  peer_close(&rig);
  rig_expect(&rig, outcome);
  for (int i = 0; i < 3; i++) {
    ws_io_turn(rig.io, ws_io_now(rig.io) + 500);
  }
  assert_string_equal(rig.log, outcome);
  rig_free(&rig);
  assert_int_equal(rig.num_gone, play->role == WS_SERVER);
}

static void a_listener_may_do_anything(void **state) {
  (void)state;
  for (int role = WS_CLIENT; role <= WS_SERVER; role++) {
    for (int deed = 0; deed < NUM_DEEDS; deed++) {
      for (int when = WS_WEBSOCKET_OPEN; when <= WS_WEBSOCKET_CLOSE; when++) {
        struct play play = {(enum ws_role)role, (enum deed)deed,
                            (enum ws_websocket_event_type)when};
        /* An adopted connection is never refused. */
        if (role == WS_CLIENT || when != WS_WEBSOCKET_ERROR) {
          run(&play);
        }
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      RIG_TEST(there_is_a_handler_for_each_event),
      RIG_TEST(members_of_other_events_have_their_initial_values),
      RIG_TEST(listeners_are_called_in_the_order_of_their_coming),
      RIG_TEST(changes_during_an_event_are_for_the_next),
      RIG_TEST(a_handler_that_replaces_itself),
      cmocka_unit_test(a_listener_may_do_anything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
