#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn_support.h"
#include "transcript.h"

#define LINE_MAX_LEN 4096

static void set_limit(struct transcript *transcript, const char *name,
                      unsigned long value) {
  struct ws_conn_limits *limits = &transcript->limits;
  if (strcmp(name, "head") == 0) {
    limits->head = value;
  } else if (strcmp(name, "fields") == 0) {
    limits->fields = value;
  } else if (strcmp(name, "frame") == 0) {
    limits->frame = value;
  } else if (strcmp(name, "message") == 0) {
    limits->message = value;
  } else if (strcmp(name, "fragments") == 0) {
    limits->fragments = value;
  } else {
    fail_msg("%s: limit %s?", transcript->name, name);
  }
}

static void set_option(struct transcript *transcript, char *line) {
  char *rest = line;
  const char *verb = strtok_r(rest, " \n", &rest);
  const char *word = strtok_r(NULL, " \n", &rest);
  const char *more = strtok_r(NULL, " \n", &rest);
  assert_non_null(verb);
  assert_non_null(word);
  if (strcmp(verb, "role") == 0) {
    transcript->role = strcmp(word, "client") == 0 ? WS_CLIENT : WS_SERVER;
  } else if (strcmp(verb, "offer") == 0) {
    assert_true(transcript->num_offers < TRANSCRIPT_OFFERS_MAX);
    snprintf(transcript->offers[transcript->num_offers++], 32, "%s", word);
  } else if (strcmp(verb, "accept") == 0) {
    snprintf(transcript->accept, sizeof(transcript->accept), "%s", word);
  } else if (strcmp(verb, "reject") == 0) {
    transcript->reject = (uint16_t)strtoul(word, NULL, 10);
  } else if (strcmp(verb, "close") == 0) {
    transcript->close = (uint16_t)strtoul(word, NULL, 10);
    snprintf(transcript->close_reason, sizeof(transcript->close_reason), "%s",
             more != NULL ? more : "");
  } else if (strcmp(verb, "limit") == 0 && more != NULL) {
    set_limit(transcript, word, strtoul(more, NULL, 10));
  } else {
    fail_msg("%s: option %s?", transcript->name, verb);
  }
}

static void add_input(struct transcript *transcript, const void *data,
                      size_t len) {
  assert_true(len <= sizeof(transcript->in) - transcript->in_len);
  memcpy(transcript->in + transcript->in_len, data, len);
  transcript->in_len += len;
}

static void add_text(char *text, size_t size, const char *line) {
  assert_true(strlen(text) + strlen(line) < size);
  strcat(text, line);
}

static void take_line(struct transcript *transcript, const char *block,
                      char *line) {
  uint8_t bytes[LINE_MAX_LEN];
  if (strcmp(block, "options") == 0) {
    set_option(transcript, line);
  } else if (strcmp(block, "http") == 0) {
    add_input(transcript, line, strcspn(line, "\n"));
    add_input(transcript, "\r\n", 2);
  } else if (strcmp(block, "hex") == 0) {
    add_input(transcript, bytes, read_hex(bytes, line));
  } else if (strcmp(block, "events") == 0) {
    add_text(transcript->events, sizeof(transcript->events), line);
  } else if (strcmp(block, "sent") == 0) {
    add_text(transcript->sent, sizeof(transcript->sent), line);
  } else {
    fail_msg("%s: block %s?", transcript->name, block);
  }
}

bool transcript_read(struct transcript *transcript, FILE *file) {
  char line[LINE_MAX_LEN];
  char block[16] = "";
  *transcript = (struct transcript){.role = WS_SERVER};
  while (fgets(line, sizeof(line), file) != NULL) {
    bool fence = strncmp(line, "```", 3) == 0;
    if (fence && block[0] != '\0') {
      bool last = strcmp(block, "sent") == 0;
      block[0] = '\0';
      if (last) {
        return true;
      }
    } else if (fence) {
      snprintf(block, sizeof(block), "%.*s", (int)strcspn(line + 3, "\n"),
               line + 3);
      transcript->eof = transcript->eof || strcmp(block, "eof") == 0;
    } else if (block[0] != '\0') {
      take_line(transcript, block, line);
    } else if (strncmp(line, "## ", 3) == 0) {
      *transcript = (struct transcript){.role = WS_SERVER};
      snprintf(transcript->name, sizeof(transcript->name), "%.*s",
               (int)strcspn(line + 3, "\n"), line + 3);
    }
  }
  assert_string_equal(block, "");
  return false;
}
