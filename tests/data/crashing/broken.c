// What goes wrong in C, one function for each way.
#include "py/dynruntime.h"

static void __attribute__((noinline)) store(volatile int *where, int value) {
    *where = value; // null_write: here
}

static mp_obj_t null_write(mp_obj_t value) {
    store(NULL, mp_obj_get_int(value)); // null_write: called here
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(null_write_obj, null_write);

typedef int (*operation_t)(int);

static mp_obj_t bad_call(mp_obj_t value) {
    operation_t volatile operation = NULL;
    int result = operation(mp_obj_get_int(value)); // bad_call: here
    return mp_obj_new_int(result + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_1(bad_call_obj, bad_call);

static int __attribute__((noinline)) deeper(volatile int *sum) {
    volatile int here[8];
    here[*sum & 7] = *sum; // endless: here
    int found = deeper(here); // endless: called here
    return found + here[1];
}

static mp_obj_t endless(mp_obj_t value) {
    volatile int start = mp_obj_get_int(value);
    return mp_obj_new_int(deeper(&start));
}
static MP_DEFINE_CONST_FUN_OBJ_1(endless_obj, endless);

static mp_obj_t misaligned(mp_obj_t buffer) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(buffer, &info, MP_BUFFER_RW);
    int *counter = (int *)((char *)info.buf + 1);
    int before = __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); // misaligned: here
    return mp_obj_new_int(before);
}
static MP_DEFINE_CONST_FUN_OBJ_1(misaligned_obj, misaligned);

static mp_obj_t in_firmware(mp_obj_t value) {
    mp_obj_t nothing = (mp_obj_t)(mp_obj_get_int(value) * 4);
    int number = mp_obj_get_int(nothing); // in_firmware: called here
    return mp_obj_new_int(number + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_1(in_firmware_obj, in_firmware);

static inline __attribute__((always_inline)) int part(volatile int *where) {
    return *where; // inlined: here
}

static mp_obj_t inlined(mp_obj_t value) {
    int found = part((volatile int *)mp_obj_get_int(value)); // inlined: called here
    return mp_obj_new_int(found);
}
static MP_DEFINE_CONST_FUN_OBJ_1(inlined_obj, inlined);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    #ifdef IN_INIT
    store((volatile int *)4, 1); // in_init: called here
    #endif
    mp_store_global(MP_QSTR_null_write, MP_OBJ_FROM_PTR(&null_write_obj));
    mp_store_global(MP_QSTR_bad_call, MP_OBJ_FROM_PTR(&bad_call_obj));
    mp_store_global(MP_QSTR_endless, MP_OBJ_FROM_PTR(&endless_obj));
    mp_store_global(MP_QSTR_misaligned, MP_OBJ_FROM_PTR(&misaligned_obj));
    mp_store_global(MP_QSTR_in_firmware, MP_OBJ_FROM_PTR(&in_firmware_obj));
    mp_store_global(MP_QSTR_inlined, MP_OBJ_FROM_PTR(&inlined_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
