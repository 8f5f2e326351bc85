#include "py/dynruntime.h"

mp_obj_full_type_t counter_type; // the class; not "static"

typedef struct {
    mp_obj_base_t base; // always first: which class
    mp_int_t count;
    mp_int_t limit;
} counter_t;

// Counter(limit)
static mp_obj_t counter_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    counter_t *self = m_malloc(sizeof(counter_t));
    self->base.type = type;
    self->count = 0;
    self->limit = mp_obj_get_int(args[0]);
    return MP_OBJ_FROM_PTR(self);
}

// counter.add(n): the new count
static mp_obj_t counter_add(mp_obj_t self_in, mp_obj_t n_in) {
    counter_t *self = MP_OBJ_TO_PTR(self_in);
    mp_int_t count = self->count + mp_obj_get_int(n_in);
    if (count > self->limit) {
        mp_raise_ValueError("more than the limit"); // leaves the function at once
    }
    self->count = count;
    return mp_obj_new_int(count);
}
static MP_DEFINE_CONST_FUN_OBJ_2(counter_add_obj, counter_add);

// counter.reset()
static mp_obj_t counter_reset(mp_obj_t self_in) {
    counter_t *self = MP_OBJ_TO_PTR(self_in);
    self->count = 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(counter_reset_obj, counter_reset);

mp_map_elem_t methods_table[2];
static MP_DEFINE_CONST_DICT(methods, methods_table);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    methods_table[0] = (mp_map_elem_t) {MP_OBJ_NEW_QSTR(MP_QSTR_add), MP_OBJ_FROM_PTR(&counter_add_obj)};
    methods_table[1] = (mp_map_elem_t) {MP_OBJ_NEW_QSTR(MP_QSTR_reset), MP_OBJ_FROM_PTR(&counter_reset_obj)};
    counter_type.base.type = (void *)&mp_type_type;
    counter_type.name = MP_QSTR_Counter;
    MP_OBJ_TYPE_SET_SLOT(&counter_type, make_new, counter_make_new, 0);
    MP_OBJ_TYPE_SET_SLOT(&counter_type, locals_dict, (void *)&methods, 1);
    mp_store_global(MP_QSTR_Counter, MP_OBJ_FROM_PTR(&counter_type));
    MP_DYNRUNTIME_INIT_EXIT
}
