/* Nothing of it is needed for libgcc2.c. */
