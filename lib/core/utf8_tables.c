#include "utf8_internal.h"

const struct ws_utf8_tables ws_utf8_tables = {
    .first_high =
        {
            WS_UTF8_LONG,
            WS_UTF8_LONG,
            WS_UTF8_LONG,
            WS_UTF8_LONG,
            WS_UTF8_LONG,
            WS_UTF8_LONG,
            WS_UTF8_LONG,
            WS_UTF8_LONG,
            WS_UTF8_TWO,
            WS_UTF8_TWO,
            WS_UTF8_TWO,
            WS_UTF8_TWO,
            WS_UTF8_SHORT | WS_UTF8_OVERLONG_2,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT | WS_UTF8_OVERLONG_3 | WS_UTF8_SURROGATE,
            WS_UTF8_SHORT | WS_UTF8_OVERLONG_4 | WS_UTF8_LARGE |
                WS_UTF8_LARGE_8,
        },
    .first_low =
        {
            WS_UTF8_ANY_LOW | WS_UTF8_OVERLONG_2 | WS_UTF8_OVERLONG_3 |
                WS_UTF8_OVERLONG_4,
            WS_UTF8_ANY_LOW | WS_UTF8_OVERLONG_2,
            WS_UTF8_ANY_LOW,
            WS_UTF8_ANY_LOW,
            WS_UTF8_ANY_LOW | WS_UTF8_LARGE,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4 | WS_UTF8_SURROGATE,
            WS_UTF8_ABOVE_F4,
            WS_UTF8_ABOVE_F4,
        },
    .second_high =
        {
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_CONTINUED | WS_UTF8_OVERLONG_3 | WS_UTF8_OVERLONG_4 |
                WS_UTF8_LARGE_8,
            WS_UTF8_CONTINUED | WS_UTF8_OVERLONG_3 | WS_UTF8_LARGE,
            WS_UTF8_CONTINUED | WS_UTF8_SURROGATE | WS_UTF8_LARGE,
            WS_UTF8_CONTINUED | WS_UTF8_SURROGATE | WS_UTF8_LARGE,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
            WS_UTF8_SHORT,
        },
};
