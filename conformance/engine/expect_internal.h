/* expect_internal.h: shared by the files of expect.h. */
#ifndef WSC_EXPECT_INTERNAL_H
#define WSC_EXPECT_INTERNAL_H

#include "expect.h"

/* "a pong of 3 bytes "mid"", for the `got` of a clause. */
const char *wsc_expect_describe(struct wsc_trial *trial,
                                const struct wsc_event *event);

bool wsc_expect_is(const struct wsc_event *event,
                   const struct wsc_payload *payload);

bool wsc_expect_has_code(const uint16_t *codes, size_t num, uint16_t code);

/* Abandons the trial as not measurable when the peer flooded the connection. */
bool wsc_expect_flooded(struct wsc_link *link);

#endif
