// What compilers take for granted: they turn struct copies and array initialisers into calls of memcpy and memset, and a
// native module has no C library. MicroPython before 1.29 leaves these calls unresolved, so that Natmod Studio links the
// functions that a module needs, and only those. Each one is selected by its own define.

#include "py/dynruntime.h"

#ifdef NATMOD_MEMCPY
void *memcpy(void *to, const void *from, size_t n) {
    return mp_fun_table.memmove_(to, from, n);
}
#endif

#ifdef NATMOD_MEMMOVE
void *memmove(void *to, const void *from, size_t n) {
    return mp_fun_table.memmove_(to, from, n);
}
#endif

#ifdef NATMOD_MEMSET
void *memset(void *to, int value, size_t n) {
    return mp_fun_table.memset_(to, value, n);
}
#endif

#if defined(NATMOD_MEMCMP) || defined(NATMOD_BCMP)
static int compare(const void *a, const void *b, size_t n) {
    const unsigned char *x = a, *y = b;
    for (; n; --n, ++x, ++y) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}
#endif

#ifdef NATMOD_MEMCMP
int memcmp(const void *a, const void *b, size_t n) {
    return compare(a, b, n);
}
#endif

#ifdef NATMOD_BCMP
int bcmp(const void *a, const void *b, size_t n) {
    return compare(a, b, n);
}
#endif

#ifdef NATMOD_STRLEN
size_t strlen(const char *text) {
    const char *end = text;
    while (*end) {
        ++end;
    }
    return end - text;
}
#endif

#ifdef NATMOD_STRCMP
int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) {
        ++a, ++b;
    }
    return (unsigned char)*a - (unsigned char)*b;
}
#endif

#ifdef NATMOD_STRNCMP
int strncmp(const char *a, const char *b, size_t n) {
    while (n && *a && *a == *b) {
        ++a, ++b, --n;
    }
    return n ? (unsigned char)*a - (unsigned char)*b : 0;
}
#endif
