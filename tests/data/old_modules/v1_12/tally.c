// tally: a class that counts and can be walked through, in the manner of 1.12.
#include "py/dynruntime.h"
#include "tally.h"

mp_obj_type_t tally_type;

STATIC mp_obj_t tally_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    tally_obj_t *self = m_new_obj(tally_obj_t);
    self->base.type = type;
    self->total = 0;
    if (n_args == 1) {
        if (!MP_OBJ_IS_SMALL_INT(args[0])) {
            mp_raise_TypeError("tally: wants a number");
        }
        self->total = mp_obj_get_int(args[0]);
    }
    self->left = self->total;
    return MP_OBJ_FROM_PTR(self);
}

STATIC void tally_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    tally_obj_t *self = MP_OBJ_TO_PTR(self_in);
    (void)kind;
    mp_printf(print, "tally(%d)", (int)self->total);
}

STATIC mp_obj_t tally_unary_op(mp_unary_op_t op, mp_obj_t self_in) {
    tally_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return op == MP_UNARY_OP_LEN ? mp_obj_new_int(self->total) : MP_OBJ_NULL;
}

STATIC mp_obj_t tally_getiter(mp_obj_t self_in, mp_obj_iter_buf_t *iter_buf) {
    tally_obj_t *self = MP_OBJ_TO_PTR(self_in);
    (void)iter_buf;
    self->left = self->total;
    return self_in;
}

STATIC mp_obj_t tally_iternext(mp_obj_t self_in) {
    tally_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->left <= 0) {
        return MP_OBJ_STOP_ITERATION;
    }
    self->left -= 1;
    return mp_obj_new_int(self->left);
}

STATIC mp_obj_t tally_add(mp_obj_t self_in, mp_obj_t more) {
    if (!MP_OBJ_IS_TYPE(self_in, &tally_type)) {
        mp_raise_msg(&mp_type_TypeError, "not a tally");  // STATIC in a comment stays
    }
    tally_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->total += mp_obj_get_int(more);
    return mp_const_none;
}
STATIC MP_DEFINE_CONST_FUN_OBJ_2(tally_add_obj, tally_add);

mp_map_elem_t tally_locals_table[1];
STATIC MP_DEFINE_CONST_DICT(tally_locals, tally_locals_table);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY

    tally_type.base.type = (void*)&mp_type_type;
    tally_type.name = MP_QSTR_Tally;
    tally_type.make_new = tally_make_new;
    tally_type.print = tally_print;
    tally_type.unary_op = tally_unary_op;
    tally_type.getiter = tally_getiter;
    tally_type.iternext = tally_iternext;
    tally_locals_table[0] = (mp_map_elem_t){ MP_OBJ_NEW_QSTR(MP_QSTR_add), MP_OBJ_FROM_PTR(&tally_add_obj) };
    tally_type.locals_dict = (void*)&tally_locals;

    mp_store_global(MP_QSTR_Tally, MP_OBJ_FROM_PTR(&tally_type));
    MP_DYNRUNTIME_INIT_EXIT
}
