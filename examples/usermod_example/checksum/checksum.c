// A C module that is a part of the firmware: one function.
#include "py/runtime.h"

// crc8(data) -> int: the CRC-8 (polynomial 7) of anything made of bytes.
static mp_obj_t checksum_crc8(mp_obj_t data_in) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    uint8_t crc = 0;
    for (size_t i = 0; i < data.len; i++) {
        crc ^= ((const uint8_t *)data.buf)[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 0x80 ? crc << 1 ^ 7 : crc << 1;
        }
    }
    return MP_OBJ_NEW_SMALL_INT(crc);
}
static MP_DEFINE_CONST_FUN_OBJ_1(checksum_crc8_obj, checksum_crc8);

// What the module holds. It is constant, so it stays in flash and takes no RAM.
static const mp_rom_map_elem_t checksum_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_checksum) },
    { MP_ROM_QSTR(MP_QSTR_crc8), MP_ROM_PTR(&checksum_crc8_obj) },
};
static MP_DEFINE_CONST_DICT(checksum_globals, checksum_globals_table);

const mp_obj_module_t checksum_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&checksum_globals,
};

// From here on "import checksum" works, without any file.
MP_REGISTER_MODULE(MP_QSTR_checksum, checksum_module);
