/* Filters: of ids, requirements, tags, levels and Autobahn's numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "requirements.h"
#include "select.h"

/* An id of the table with this level. */
static const char *row_with(const char *level) {
  size_t num;
  const struct wsc_requirement *rows = wsc_requirements(&num);
  for (size_t i = 0; i < num; i++) {
    if (strcmp(rows[i].level, level) == 0) {
      return rows[i].id;
    }
  }
  fail_msg("no requirement has the level %s", level);
  return NULL;
}

struct suite {
  const char *must[2], *should[1], *may[1];
  struct wsc_case cases[5];
  const struct wsc_case *list[5];
};

static const char *const numbers[] = {"5.6", "9.1.1"};
static const char *const tags[] = {"slow"};
static const char *const counterpart[] = {"slow", "autobahn"};

static void make_suite(struct suite *suite) {
  suite->must[0] = row_with("MUST");
  suite->must[1] = row_with("SHOULD");
  suite->should[0] = row_with("SHOULD");
  suite->may[0] = row_with("MAY");
  suite->cases[0] = (struct wsc_case){
      .id = "frag.one", .requirements = suite->must, .num_requirements = 2};
  suite->cases[1] = (struct wsc_case){.id = "frag.two",
                                      .requirements = suite->should,
                                      .num_requirements = 1,
                                      .tags = tags,
                                      .num_tags = 1};
  suite->cases[2] = (struct wsc_case){
      .id = "tcp.one", .requirements = suite->may, .num_requirements = 1};
  suite->cases[3] = (struct wsc_case){.id = "autobahn.5.6",
                                      .requirements = suite->must,
                                      .num_requirements = 2,
                                      .autobahn = numbers,
                                      .num_autobahn = 2,
                                      .tags = counterpart,
                                      .num_tags = 2};
  suite->cases[4] = (struct wsc_case){.id = "robustness.one",
                                      .requirements = suite->may,
                                      .num_requirements = 1};
  for (int i = 0; i < 5; i++) {
    suite->list[i] = &suite->cases[i];
  }
}

/* Which cases are left, as letters; then the filter that is unknown. */
static void check(const char *filter, const char *exclude, const char *level,
                  const char *left, const char *unknown) {
  struct suite suite;
  make_suite(&suite);
  const char *const filters[] = {filter, NULL};
  struct wsc_options options = {.level = level};
  if (exclude != NULL) {
    options.exclude.items[options.exclude.num++] = exclude;
  }
  const struct wsc_case *kept[5];
  const char *wrong;
  size_t num = wsc_select(suite.list, 5, filters, &options, kept, &wrong);
  char letters[6] = "";
  for (size_t i = 0; i < num; i++) {
    letters[i] = (char)('a' + (kept[i] - suite.cases));
  }
  assert_string_equal(letters, left);
  assert_string_equal(wrong == NULL ? "" : wrong, unknown);
}

static void test_ids(void **state) {
  (void)state;
  check(NULL, NULL, "may", "abc", "");
  check("frag.one", NULL, "may", "a", "");
  check("frag.*", NULL, "may", "ab", "");
  check("*.one", NULL, "may", "ace", "");
  check("frag", NULL, "may", "", "frag");
  check("FRAG.*", NULL, "may", "", "FRAG.*");
}

static void test_kinds(void **state) {
  (void)state;
  check("tag:slow", NULL, "may", "b", "");
  check("tag:s*", NULL, "may", "b", "");
  check("tag:fast", NULL, "may", "", "tag:fast");
  check("autobahn:5.6", NULL, "may", "d", "");
  check("autobahn:9.*", NULL, "may", "d", "");
  check("autobahn:5", NULL, "may", "", "autobahn:5");
  check("req:nothing", NULL, "may", "", "req:nothing");
  check("req:*", NULL, "may", "abce", "");
}

/* Counterparts of Autobahn's cases run when they are named. */
static void test_counterparts(void **state) {
  (void)state;
  check("autobahn.5.6", NULL, "may", "d", "");
  check("autobahn.*", NULL, "may", "d", "");
  check("tag:autobahn", NULL, "may", "d", "");
  check("*", NULL, "may", "abcde", "");
  check("autobahn:*", "tag:slow", "may", "", "");
  check("*.5.6", NULL, "may", "", "");
}

/* What may harm a server runs when it is named, or asked for. */
static void test_robustness(void **state) {
  (void)state;
  struct suite suite;
  make_suite(&suite);
  const char *const none[] = {NULL};
  const struct wsc_options options = {.level = "may", .robustness = true};
  const struct wsc_case *kept[5];
  const char *unknown;
  check("robustness.*", NULL, "may", "e", "");
  assert_int_equal(wsc_select(suite.list, 5, none, &options, kept, &unknown),
                   4);
  assert_ptr_equal(kept[3], suite.list[4]);
}

static void test_requirement(void **state) {
  (void)state;
  struct suite suite;
  make_suite(&suite);
  char filter[64] = "req:";
  strcat(filter, suite.must[0]);
  check(filter, NULL, "may", "a", "");
}

static void test_levels(void **state) {
  (void)state;
  check("level:must", NULL, "may", "a", "");
  check("level:should", NULL, "may", "ab", "");
  check("level:may", NULL, "may", "abce", "");
  check("level:most", NULL, "may", "", "level:most");
  check(NULL, NULL, "must", "a", "");
  check(NULL, NULL, "should", "ab", "");
}

static void test_exclude(void **state) {
  (void)state;
  check(NULL, "frag.*", "may", "c", "");
  check("frag.*", "tag:slow", "may", "a", "");
  check("frag.*", "frag.*", "may", "", "");
  check(NULL, "fragg.*", "may", "abc", "fragg.*");
}

/* The first of several filters that means nothing is told. */
static void test_several(void **state) {
  (void)state;
  struct suite suite;
  make_suite(&suite);
  const char *const filters[] = {"tcp.*", "x.*", "y.*", "frag.one", NULL};
  struct wsc_options options = {.level = "may"};
  const struct wsc_case *kept[5];
  const char *unknown;
  assert_int_equal(wsc_select(suite.list, 5, filters, &options, kept, &unknown),
                   2);
  assert_ptr_equal(kept[0], &suite.cases[0]); /* in the suite's order */
  assert_ptr_equal(kept[1], &suite.cases[2]);
  assert_string_equal(unknown, "x.*");
}

/* A case is of one part, whatever else is selected; one that judges what the
 * others saw is of each. */
static void test_shards(void **state) {
  (void)state;
  enum { NUM = 300 };
  char ids[NUM][16];
  for (unsigned num = 1; num <= 7; num++) {
    size_t sizes[8] = {0};
    for (int i = 0; i < NUM; i++) {
      unsigned parts = 0;
      snprintf(ids[i], sizeof ids[i], "area.case-%d", i);
      const struct wsc_case info = {.id = ids[i]};
      for (unsigned part = 1; part <= num; part++) {
        bool in = wsc_select_in_shard(&info, part, num);
        parts += in;
        sizes[part] += in;
      }
      assert_int_equal(parts, 1);
    }
    for (unsigned part = 1; part <= num; part++) {
      assert_true(sizes[part] > NUM / num / 2);
    }
  }
  const struct wsc_case passive = {.id = "observed.masks", .passive = true};
  const struct wsc_case plain = {.id = "frag.one"};
  assert_true(wsc_select_in_shard(&passive, 1, 2));
  assert_true(wsc_select_in_shard(&passive, 2, 2));
  assert_true(wsc_select_in_shard(&plain, 0, 0)); /* no --shard */
  struct suite suite;
  make_suite(&suite);
  size_t total = 0;
  for (unsigned part = 1; part <= 2; part++) {
    const char *const filters[] = {"frag.*", NULL};
    struct wsc_options options = {
        .level = "may", .shard = part, .num_shards = 2};
    const struct wsc_case *kept[5];
    const char *unknown;
    total += wsc_select(suite.list, 5, filters, &options, kept, &unknown);
    assert_null(unknown); /* in another part is not nowhere */
  }
  assert_int_equal(total, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ids),          cmocka_unit_test(test_kinds),
      cmocka_unit_test(test_counterparts), cmocka_unit_test(test_robustness),
      cmocka_unit_test(test_requirement),  cmocka_unit_test(test_levels),
      cmocka_unit_test(test_exclude),      cmocka_unit_test(test_several),
      cmocka_unit_test(test_shards),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
