// simulator.flash: a block device on RAM that no reset clears. QEMU loads the firmware anew at a reset, and touches
// nothing else of the RAM.

#include <string.h>
#include "py/mperrno.h"
#include "py/runtime.h"
#include "extmod/vfs.h"

#define DISK ((uint8_t *)SIM_DISK)
#define DISK_SIZE (4u * 1024 * 1024)
#define BLOCK_SIZE (4096u)

typedef struct { mp_obj_base_t base; } flash_obj_t;

// The bytes that (block, buffer[, offset]) is about, or an OSError if they are not all on the disk.
static uint8_t *span(size_t n_args, const mp_obj_t *args, size_t length) {
    size_t block = mp_obj_get_int(args[1]);
    size_t offset = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    if (block >= DISK_SIZE / BLOCK_SIZE || offset > DISK_SIZE || length > DISK_SIZE - block * BLOCK_SIZE
        || offset > DISK_SIZE - block * BLOCK_SIZE - length) {
        mp_raise_OSError(MP_EINVAL);
    }
    return DISK + block * BLOCK_SIZE + offset;
}

static mp_obj_t flash_readblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[2], &buffer, MP_BUFFER_WRITE);
    memcpy(buffer.buf, span(n_args, args, buffer.len), buffer.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

static mp_obj_t flash_writeblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[2], &buffer, MP_BUFFER_READ);
    memcpy(span(n_args, args, buffer.len), buffer.buf, buffer.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t command, mp_obj_t argument) {
    switch (mp_obj_get_int(command)) {
        case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
            return MP_OBJ_NEW_SMALL_INT(DISK_SIZE / BLOCK_SIZE);
        case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
            return MP_OBJ_NEW_SMALL_INT(BLOCK_SIZE);
        case MP_BLOCKDEV_IOCTL_BLOCK_ERASE: {
            const mp_obj_t args[3] = { self, argument, mp_const_none };
            memset(span(3, args, BLOCK_SIZE), 0xff, BLOCK_SIZE);
            return MP_OBJ_NEW_SMALL_INT(0);
        }
        case MP_BLOCKDEV_IOCTL_INIT:
        case MP_BLOCKDEV_IOCTL_DEINIT:
        case MP_BLOCKDEV_IOCTL_SYNC:
            return MP_OBJ_NEW_SMALL_INT(0);
        default:
            return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static const mp_rom_map_elem_t flash_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj) },
};
static MP_DEFINE_CONST_DICT(flash_locals, flash_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE, locals_dict, &flash_locals);

static const flash_obj_t flash = {{ &flash_type }};

static const mp_rom_map_elem_t simulator_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_simulator) },
    { MP_ROM_QSTR(MP_QSTR_flash), MP_ROM_PTR(&flash) },
};
static MP_DEFINE_CONST_DICT(simulator_globals, simulator_globals_table);

const mp_obj_module_t simulator_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&simulator_globals,
};
MP_REGISTER_MODULE(MP_QSTR_simulator, simulator_module);
