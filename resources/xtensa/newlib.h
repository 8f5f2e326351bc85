/* What newlib's configure script would write for xtensa-esp32-elf. */
#ifndef __NEWLIB_H__
#define __NEWLIB_H__ 1
#include <_newlib_version.h>
#define _HAVE_LONG_DOUBLE 1
#define _LDBL_EQ_DBL 1
#define _MB_LEN_MAX 1
#define _WANT_IO_LONG_LONG 1
#endif
