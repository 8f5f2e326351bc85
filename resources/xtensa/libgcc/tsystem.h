/* The C library, as far as libgcc2.c asks. */
#include <float.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
void abort(void);
