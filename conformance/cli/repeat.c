#include "repeat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add(struct wsc_list *words, const char *word) {
  if (words->num < WSC_LIST_MAX) {
    words->items[words->num++] = word;
    words->items[words->num] = NULL;
  }
}

void wsc_repeat_words(struct wsc_list *words, const struct wsc_options *options,
                      const struct wsc_list *subject) {
  const struct {
    const char *name;
    const char *value;
  } pairs[] = {
      {"--variant", options->variant},
      {"--script-message", options->script_message},
      {"--chop", options->chop},
      {"--origin", options->origin},
      {"--subprotocol", options->subprotocol},
      {"--connect", options->connect},
      {"--cacert", options->cacert},
      {"--cert", options->cert},
      {"--key", options->key},
      {"--cases", options->cases},
      {"--timeout", options->timeout_text},
      {"--echo", strcmp(options->echo, "auto") == 0 ? NULL : options->echo},
      {"--spawn", options->spawn},
      {"--level", strcmp(options->level, "may") == 0 ? NULL : options->level}};
  *words = (struct wsc_list){.items = {"wsspec"}, .num = 1};
  for (size_t i = 0; i < subject->num; i++) {
    add(words, subject->items[i]);
  }
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    if (pairs[i].value != NULL) {
      add(words, pairs[i].name);
      add(words, pairs[i].value);
    }
  }
  for (size_t i = 0; i < options->headers.num; i++) {
    add(words, "--header");
    add(words, options->headers.items[i]);
  }
  if (options->strict) {
    add(words, "--strict");
  }
  if (options->robustness) {
    add(words, "--robustness");
  }
  if (options->variant != NULL && options->tls_port_text != NULL) {
    add(words, "--tls-port");
    add(words, options->tls_port_text);
  }
  if (options->full) {
    add(words, "--full");
  }
  if (options->commands) {
    add(words, "--commands");
  }
  if (options->insecure) {
    add(words, "--insecure");
  }
}

static void set_if(json_t *object, const char *key, const char *value) {
  if (value != NULL) {
    json_object_set_new(object, key,
                        json_stringn_nocheck(value, strlen(value)));
  }
}

json_t *wsc_repeat_describe(const struct wsc_options *options,
                            const struct wsc_list *subject,
                            const struct wsc_list *filters) {
  json_t *json = json_object();
  json_t *asked = json_array();
  for (size_t i = 0; i < filters->num; i++) {
    json_array_append_new(asked, json_string(filters->items[i]));
  }
  struct wsc_list words;
  json_t *command = json_array();
  wsc_repeat_words(&words, options, subject);
  for (size_t i = 0; i < words.num; i++) {
    json_array_append_new(command, json_string(words.items[i]));
  }
  json_object_set_new(json, "command", command);
  json_object_set_new(json, "filters", asked);
  json_object_set_new(json, "timeout_ms",
                      json_integer((json_int_t)(options->timeout / 1000)));
  json_object_set_new(json, "jobs", json_integer(options->jobs));
  json_object_set_new(json, "strict", json_boolean(options->strict));
  json_object_set_new(json, "full", json_boolean(options->full));
  set_if(json, "fail_on", options->fail_on_warn ? "warn" : "fail");
  set_if(json, "level", options->level);
  set_if(json, "variant", options->variant);
  set_if(json, "chop", options->chop);
  set_if(json, "echo", options->echo);
  set_if(json, "origin", options->origin);
  set_if(json, "subprotocol", options->subprotocol);
  set_if(json, "connect", options->connect);
  set_if(json, "cacert", options->cacert);
  json_object_set_new(json, "insecure", json_boolean(options->insecure));
  if (options->num_shards != 0) {
    char shard[24];
    snprintf(shard, sizeof shard, "%u/%u", options->shard, options->num_shards);
    json_object_set_new(json, "shard", json_string(shard));
  }
  if (options->rerun != NULL) {
    json_object_set_new(json, "rerun", json_true());
  }
  return json;
}

/* A word as a shell reads it back. */
static const char *shell_word(struct wsc_arena *arena, const char *word) {
  static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                             "WXYZ0123456789-_./:=@%+,[]";
  if (word[0] != '\0' && strspn(word, safe) == strlen(word)) {
    return word;
  }
  const char *text = "'";
  for (; *word != '\0'; word++) {
    text = *word == '\'' ? wsc_arena_printf(arena, "%s'\\''", text)
                         : wsc_arena_printf(arena, "%s%c", text, *word);
  }
  return wsc_arena_printf(arena, "%s'", text);
}

const char *wsc_repeat_command(struct wsc_arena *arena,
                               const struct wsc_options *options,
                               const struct wsc_list *subject) {
  struct wsc_list words;
  const char *text = "";
  wsc_repeat_words(&words, options, subject);
  for (size_t i = 0; i < words.num; i++) {
    text = wsc_arena_printf(arena, "%s%s ", text,
                            shell_word(arena, words.items[i]));
  }
  return wsc_arena_printf(arena, "%s--seed %" PRIu64, text, options->seed);
}
