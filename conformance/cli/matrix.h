/* matrix.h: several implementations side by side, in text. */
#ifndef WSC_MATRIX_H
#define WSC_MATRIX_H

#include <jansson.h>
#include <stdio.h>

/* Prints what the run document says of its targets: the counts of each, and the
 * requirements that some of them broke. */
void wsc_matrix_print(FILE *out, const json_t *document);

#endif
