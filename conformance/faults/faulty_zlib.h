/* faulty_zlib.h: what a connection of the faulty peer keeps of zlib. */
#ifndef WSC_FAULTY_ZLIB_H
#define WSC_FAULTY_ZLIB_H

#include <zlib.h>

#include "faulty_deflate.h"

/* 00 00 FF FF: what 7.2.1 cuts off a message, and 7.2.2 puts back. */
#define WSC_FAULTY_TAIL_LEN 4

struct wsc_faulty_deflate {
  struct wsc_faulty_agreement agreement;
  bool reads;  /* `in` is in use */
  bool writes; /* `out` is in use */
  z_stream in;
  z_stream out;
};

#endif
