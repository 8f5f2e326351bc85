// A native module's source as part of a firmware: in place of MicroPython's py/dynruntime.h, for natmod and user C module
// alike from one source. Included first by the files that toolchains/firmware/glue.py writes; NATMOD_NAME is the module's
// name. The names that py/dynruntime.h makes from the table of functions are here the firmware's own functions.
#ifndef NATMOD_IN_FIRMWARE_H
#define NATMOD_IN_FIRMWARE_H

// The module's source includes that header: it must find nothing in it.
#define MICROPY_INCLUDED_PY_DYNRUNTIME_H

#include <string.h>

#include "py/binary.h"
#include "py/builtin.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/nativeglue.h"
#include "py/objexcept.h"
#include "py/objfun.h"
#include "py/objlist.h"
#include "py/objstr.h"
#include "py/objtuple.h"
#include "py/objtype.h"
#include "py/runtime.h"
#include "py/stream.h"

#if !MICROPY_MODULE_BUILTIN_INIT || !MICROPY_MODULE_ATTR_DELEGATION
#error "natmod: this firmware has no modules that are made when they are imported (MICROPY_MODULE_ATTR_DELEGATION)"
#endif

// A port's flags are stricter than those that native modules are built with.
#pragma GCC diagnostic ignored "-Wdouble-promotion"
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-parameter"

// A firmware may compress the texts of its own errors; a module's are plain.
#define mp_raise_msg(type, text) mp_raise_msg((type), (mp_rom_error_text_t)(text))
#define mp_raise_TypeError(text) mp_raise_TypeError((mp_rom_error_text_t)(text))
#define mp_raise_ValueError(text) mp_raise_ValueError((mp_rom_error_text_t)(text))
#define mp_raise_NotImplementedError(text) mp_raise_NotImplementedError((mp_rom_error_text_t)(text))
#undef MP_ERROR_TEXT
#define MP_ERROR_TEXT(text) (text)

// Where a firmware counts what is allocated, these want sizes that a native module does not give.
#define NATMOD_LAST_(a, b, last, ...) last
#define NATMOD_LAST(...) NATMOD_LAST_(__VA_ARGS__, NATMOD_SECOND, NATMOD_FIRST, )(__VA_ARGS__)
#define NATMOD_FIRST(a) (a)
#define NATMOD_SECOND(a, b) (b)
#undef m_free
#undef m_realloc
#define m_free(ptr, ...) gc_free(ptr)
#define m_realloc(ptr, ...) natmod_realloc((ptr), NATMOD_LAST(__VA_ARGS__))

static inline void *natmod_realloc(void *ptr, size_t n_bytes) {
    void *got = gc_realloc(ptr, n_bytes, true);
    if (got == NULL && n_bytes != 0) {
        m_malloc_fail(n_bytes);
    }
    return got;
}

// What modules take from the table by name, because no macro stands for it.
static const struct {
    void *(*memset_)(void *, int, size_t);
    void *(*memmove_)(void *, const void *, size_t);
} natmod_fun_table = { memset, memmove };
#define mp_fun_table natmod_fun_table

#define NATMOD_JOIN_(a, b) a##b
#define NATMOD_JOIN(a, b) NATMOD_JOIN_(a, b)

// Two modules in one firmware each have an entry.
#define mpy_init NATMOD_JOIN(natmod_init_, NATMOD_NAME)

typedef mp_obj_t (*natmod_function_t)(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args);

// A function that gets all its arguments as they come, as MP_DYNRUNTIME_MAKE_FUNCTION wants it.
mp_obj_t natmod_make_function(natmod_function_t function, mp_obj_fun_bc_t *self);

#define MP_DYNRUNTIME_INIT_ENTRY \
    mp_obj_dict_t *natmod_old_globals = mp_globals_get(); \
    mp_globals_set(self->context->module.globals);

#define MP_DYNRUNTIME_INIT_EXIT \
    mp_globals_set(natmod_old_globals); \
    return mp_const_none;

#define MP_DYNRUNTIME_MAKE_FUNCTION(f) (natmod_make_function((natmod_function_t)(f), self))

static inline void mp_obj_exception_init(mp_obj_full_type_t *exc, qstr name, const mp_obj_type_t *base) {
    exc->base.type = &mp_type_type;
    exc->flags = MP_TYPE_FLAG_NONE;
    exc->name = name;
    MP_OBJ_TYPE_SET_SLOT(exc, make_new, mp_obj_exception_make_new, 0);
    MP_OBJ_TYPE_SET_SLOT(exc, print, mp_obj_exception_print, 1);
    MP_OBJ_TYPE_SET_SLOT(exc, attr, mp_obj_exception_attr, 2);
    MP_OBJ_TYPE_SET_SLOT(exc, parent, base, 3);
}

#endif
