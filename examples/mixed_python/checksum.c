// The fast half of the module mixed_python: the CRC-16 checksum (CCITT, start value 0xFFFF), byte by byte.
// frames.py is the other half. Both end up in one file, mixed_python.mpy, and in one namespace.

#include "py/dynruntime.h"

// One byte more goes into the checksum. Bit by bit, without a table: slow in Python, fast enough in C.
static uint32_t crc16_add(uint32_t crc, uint8_t byte) {
    crc ^= (uint32_t)byte << 8;
    for (int bit = 0; bit < 8; bit++) {
        crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    }
    return crc & 0xFFFF;
}

// crc16(data[, crc]): `data` is anything made of bytes. Give the last result as `crc` to go on with more data.
static mp_obj_t crc16(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(args[0], &data, MP_BUFFER_READ); // raises TypeError if it is not made of bytes
    uint32_t crc = n_args > 1 ? (uint32_t)mp_obj_get_int(args[1]) & 0xFFFF : 0xFFFF;
    const uint8_t *bytes = data.buf;
    for (size_t i = 0; i < data.len; i++) {
        crc = crc16_add(crc, bytes[i]);
    }
    return mp_obj_new_int(crc);
}
// From 1 to 2 arguments.
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(crc16_obj, 1, 2, crc16);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_crc16, MP_OBJ_FROM_PTR(&crc16_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
