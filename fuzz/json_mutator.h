/* json_mutator.h: changes a JSON document so that it stays one. */
#ifndef FUZZ_JSON_MUTATOR_H
#define FUZZ_JSON_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* The name is libFuzzer's. A text is given a hostile neighbour, a value another
 * type, a member or element is removed, doubled or moved. What is no JSON is
 * changed octet by octet, by the engine. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max,
                               unsigned seed);

/* The engine's own; only a program of libFuzzer has it. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);

#endif
