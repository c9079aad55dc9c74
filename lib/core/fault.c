#include "ws/fault.h"

static const struct ws_fault_info infos[WS_FAULT_COUNT] = {
    [WS_FAULT_NONE] = {"NONE", 0, 0, "", "nothing is wrong"},
#define XX(name, code, http, clause, text)                                     \
  [WS_FAULT_##name] = {#name, code, http, clause, text},
    WS_FAULT_MAP(XX)
#undef XX
};

const struct ws_fault_info *ws_fault_info(enum ws_fault fault) {
  /* The type's signedness is the compiler's choice: a size_t also catches what
   * was negative. */
  size_t index = (size_t)fault;
  return &infos[index < WS_FAULT_COUNT ? index : WS_FAULT_NONE];
}
