#include <string.h>

#include "markup.h"
#include "page.h"

static const json_t *target_of(const struct wsc_page *page,
                               const json_t *result) {
  return wsc_page_target(
      page,
      wsc_page_position(page->target_index, wsc_page_text(result, "target")));
}

static void words_of(struct wsc_page *page, const json_t *words) {
  size_t i;
  json_t *word;
  json_array_foreach(words, i, word) {
    if (json_is_string(word)) {
      wsc_html_word(&page->out, json_string_value(word));
      wsc_strbuf_puts(&page->out, " ");
    }
  }
}

/* What a run that did not keep its command line was at least. */
static void words_for(struct wsc_page *page, const json_t *target) {
  wsc_html(&page->out, "wsspec %s ", wsc_page_text(target, "role"));
  wsc_html_word(&page->out, wsc_page_text(target, "url"));
  wsc_strbuf_puts(&page->out, " ");
}

static void seed(struct wsc_page *page, const json_t *run) {
  wsc_strbuf_puts(&page->out, "--seed ");
  wsc_html_count(&page->out, json_object_get(run, "seed"));
}

/* options.command: the words of the command line without filters and seed. */
static const json_t *command_of(const json_t *run) {
  return json_object_get(json_object_get(run, "options"), "command");
}

void wsc_page_command(struct wsc_page *page, const json_t *result) {
  const json_t *run = json_object_get(page->document, "run");
  wsc_strbuf_puts(&page->out, "<p class=\"again\"><span>Repeat just this"
                              "</span> <code>");
  if (json_array_size(command_of(run)) != 0) {
    words_of(page, command_of(run));
  } else {
    words_for(page, target_of(page, result));
  }
  seed(page, run);
  wsc_strbuf_puts(&page->out, " ");
  wsc_html_word(&page->out, wsc_page_text(result, "case"));
  wsc_strbuf_puts(&page->out, "</code></p>\n");
}

/* A run of a selection is repeated as one. */
static void words_after_seed(struct wsc_page *page, const json_t *run) {
  const json_t *filters =
      json_object_get(json_object_get(run, "options"), "filters");
  if (json_is_array(filters) && json_array_size(filters) != 0) {
    wsc_strbuf_puts(&page->out, " ");
    words_of(page, filters);
  }
}

void wsc_page_command_of_run(struct wsc_page *page) {
  const json_t *run = json_object_get(page->document, "run");
  wsc_strbuf_puts(&page->out, "<p class=\"again\"><span>Repeat</span> <code>");
  if (json_array_size(command_of(run)) != 0) {
    words_of(page, command_of(run));
  } else if (json_array_size(page->targets) != 0) {
    words_for(page, json_array_get(page->targets, 0));
  }
  seed(page, run);
  words_after_seed(page, run);
  wsc_strbuf_puts(&page->out, "</code></p>\n");
}
