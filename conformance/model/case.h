/* case.h: what is known of a case and of a requirement before anything runs. */
#ifndef WSC_CASE_H
#define WSC_CASE_H

#include <stdbool.h>
#include <stddef.h>

/* A row of conformance/requirements/. All strings are borrowed from the table. */
struct wsc_requirement {
  const char *id;        /* "6455-5.5.3-02" */
  const char *rfc;       /* "6455", "7692", "WHATWG" */
  const char *section;   /* "5.5.3" */
  const char *level;     /* "MUST", "SHOULD", "MAY" */
  const char *role;      /* "both", "client", "server", "api", "intermediary" */
  const char *statement; /* the requirement in our words */
  const char *testable;  /* "blackbox-both", "lib-only", ... */
  const char *stimulus;
  const char *expected;
  const char *note;
  const char *tests; /* lib-only: the unit tests that show it, "FILE:FUNCTION"
                        separated by spaces, or "none: " and why; else "" */
  /* Why no case tests it on a server, from uncovered.csv; else "". */
  const char *uncovered;
};

/* Declared by a script. All strings are borrowed from the case host. */
struct wsc_case {
  const char *id;    /* a slug, for ever: "frag.ping-between-fragments" */
  const char *title; /* one sentence: what conforms */
  const char *file;  /* "conformance/cases/fragmentation.lua" */
  int line;          /* where it is declared */
  int end_line;      /* where its function ends */
  const char *const *requirements; /* ids */
  size_t num_requirements;
  const char *const *autobahn; /* ids it stands in for */
  size_t num_autobahn;
  const char *const *tags; /* "slow", "passive", "robustness", ... */
  size_t num_tags;
  const char *since; /* suite version that introduced it, "1.0" */
  bool needs_echo;   /* skipped when the peer does not echo */
  bool needs_answer; /* skipped when neither an echo nor a scripted message
                        shows that a message was delivered */
  bool needs_tls;    /* skipped over plain TCP */
  unsigned needs_do; /* commands of the testee contract, as 1 << kind */
  bool baseline;     /* a valid opening handshake before and after it (F1) */
  bool info_only;    /* only takes notes; exempt from judging something */
  bool passive;      /* runs last: judges what all other cases observed */
  unsigned weight;   /* 1, or more for what keeps the peer busy */
};

bool wsc_case_has_tag(const struct wsc_case *info, const char *tag);

#endif
