/* The target, as far as libgcc2.c asks. */
#define BITS_PER_UNIT 8
#define MIN_UNITS_PER_WORD 4
