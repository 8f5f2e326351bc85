// ring_class: a Python class written in C. A Ring keeps the newest `capacity` objects and forgets older ones.
//
//     >>> from ring_class import Ring
//     >>> r = Ring(3)
//     >>> for x in (1, 2, 3, 4):
//     ...     r.push(x)
//     >>> r
//     Ring([2, 3, 4], capacity=3)

#include "py/dynruntime.h"

// A class is a "type" object. It stands in memory that starts as zeros, is filled in mpy_init,
// and must NOT be "static": the linker for native modules cannot reach static variables of this kind.
mp_obj_full_type_t ring_type;
mp_obj_full_type_t ring_iterator_type;

// What one Ring consists of. `base` must come first: it tells MicroPython which type this object has.
typedef struct {
    mp_obj_base_t base;
    size_t capacity; // room for so many objects
    size_t count;    // how many are in it now
    size_t first;    // where in `items` the oldest one stands
    mp_obj_t items[]; // the objects themselves follow right behind
} ring_t;

// The place in `items` of the object with this number (0 = the oldest). The ring closes at `capacity`.
static size_t place_of(const ring_t *ring, size_t number) {
    size_t place = ring->first + number;
    return place < ring->capacity ? place : place - ring->capacity;
}

// Ring(capacity). This is what __new__ and __init__ do in a class written in Python.
static mp_obj_t ring_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_int_t capacity = mp_obj_get_int(args[0]);
    if (capacity < 1 || capacity > 10000) {
        mp_raise_ValueError("capacity must be from 1 to 10000");
    }
    // Memory of MicroPython's garbage collector: it finds the objects in `items`, nobody has to free anything.
    ring_t *ring = m_malloc(sizeof(ring_t) + capacity * sizeof(mp_obj_t));
    ring->base.type = type;
    ring->capacity = capacity;
    ring->count = 0;
    ring->first = 0;
    for (mp_int_t i = 0; i < capacity; i++) {
        ring->items[i] = mp_const_none;
    }
    return MP_OBJ_FROM_PTR(ring);
}

// ring.push(value): add at the new end; when the ring is full, the oldest object makes room.
static mp_obj_t ring_push(mp_obj_t self_in, mp_obj_t value) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->count < self->capacity) {
        self->items[place_of(self, self->count)] = value;
        self->count++;
    } else {
        self->items[self->first] = value;
        self->first = place_of(self, 1);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(ring_push_obj, ring_push);

// ring.pop(): take out the oldest object.
static mp_obj_t ring_pop(mp_obj_t self_in) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->count == 0) {
        mp_raise_msg(&mp_type_IndexError, "pop from an empty ring");
    }
    mp_obj_t value = self->items[self->first];
    self->items[self->first] = mp_const_none; // do not keep the object alive any longer
    self->first = place_of(self, 1);
    self->count--;
    return value;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_pop_obj, ring_pop);

// ring.clear(): forget everything.
static mp_obj_t ring_clear(mp_obj_t self_in) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    while (self->count > 0) {
        ring_pop(self_in);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_clear_obj, ring_clear);

// print(ring), and what the prompt shows.
static void ring_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    // MicroPython knows how to print a list, so make one of the items and let it work.
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < self->count; i++) {
        mp_obj_list_append(list, self->items[place_of(self, i)]);
    }
    mp_obj_t repr = mp_call_function_n_kw(mp_load_global(MP_QSTR_repr), 1, 0, &list);
    mp_printf(print, "Ring(%s, capacity=%u)", mp_obj_str_get_str(repr), (unsigned int)self->capacity);
}

// len(ring), and the truth of it in "if ring:".
static mp_obj_t ring_unary_op(mp_unary_op_t op, mp_obj_t self_in) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    if (op == MP_UNARY_OP_LEN) {
        return mp_obj_new_int(self->count);
    }
    if (op == MP_UNARY_OP_BOOL) {
        return mp_obj_new_bool(self->count > 0);
    }
    return MP_OBJ_NULL; // any other operation: not supported
}

// ring.capacity and ring.full are attributes: they look like variables but are worked out here.
static void ring_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return; // somebody tries to write or delete the attribute; MicroPython raises AttributeError
    }
    if (attr == MP_QSTR_capacity) {
        dest[0] = mp_obj_new_int(self->capacity);
    } else if (attr == MP_QSTR_full) {
        dest[0] = mp_obj_new_bool(self->count == self->capacity);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // not here: look among the methods
    }
}

// ring[i]: 0 is the oldest object, -1 the newest.
static mp_obj_t ring_subscr(mp_obj_t self_in, mp_obj_t index_in, mp_obj_t value) {
    ring_t *self = MP_OBJ_TO_PTR(self_in);
    if (value == MP_OBJ_NULL) {
        return MP_OBJ_NULL; // "del ring[i]" is not supported
    }
    mp_int_t index = mp_obj_get_int(index_in);
    if (index < 0) {
        index += self->count;
    }
    if (index < 0 || (size_t)index >= self->count) {
        mp_raise_msg(&mp_type_IndexError, "ring index out of range");
    }
    size_t place = place_of(self, index);
    if (value != MP_OBJ_SENTINEL) {
        self->items[place] = value; // ring[i] = value
    }
    return self->items[place];
}

// for x in ring: an iterator remembers the ring and how far it is.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t ring;
    size_t next;
} ring_iterator_t;

static mp_obj_t ring_getiter(mp_obj_t self_in, mp_obj_iter_buf_t *buffer) {
    // MicroPython lends a small piece of memory for the iterator, so a loop allocates nothing.
    ring_iterator_t *iterator = (ring_iterator_t *)buffer;
    iterator->base.type = (mp_obj_type_t *)&ring_iterator_type;
    iterator->ring = self_in;
    iterator->next = 0;
    return MP_OBJ_FROM_PTR(iterator);
}

static mp_obj_t ring_iterator_next(mp_obj_t self_in) {
    ring_iterator_t *self = MP_OBJ_TO_PTR(self_in);
    ring_t *ring = MP_OBJ_TO_PTR(self->ring);
    if (self->next >= ring->count) {
        return MP_OBJ_STOP_ITERATION;
    }
    return ring->items[place_of(ring, self->next++)];
}

// The methods, filled in mpy_init.
mp_map_elem_t ring_methods_table[3];
static MP_DEFINE_CONST_DICT(ring_methods, ring_methods_table);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY

    // The iterator's type: "iter" is here the function that gives the next object.
    ring_iterator_type.base.type = (void *)&mp_type_type;
    ring_iterator_type.flags = MP_TYPE_FLAG_ITER_IS_ITERNEXT;
    ring_iterator_type.name = MP_QSTR_iterator;
    MP_OBJ_TYPE_SET_SLOT(&ring_iterator_type, iter, ring_iterator_next, 0);

    ring_methods_table[0] = (mp_map_elem_t) {MP_OBJ_NEW_QSTR(MP_QSTR_push), MP_OBJ_FROM_PTR(&ring_push_obj)};
    ring_methods_table[1] = (mp_map_elem_t) {MP_OBJ_NEW_QSTR(MP_QSTR_pop), MP_OBJ_FROM_PTR(&ring_pop_obj)};
    ring_methods_table[2] = (mp_map_elem_t) {MP_OBJ_NEW_QSTR(MP_QSTR_clear), MP_OBJ_FROM_PTR(&ring_clear_obj)};

    // The class. Each slot holds one ability; the last number only says where in the type it is kept.
    ring_type.base.type = (void *)&mp_type_type;
    ring_type.flags = MP_TYPE_FLAG_NONE;
    ring_type.name = MP_QSTR_Ring;
    MP_OBJ_TYPE_SET_SLOT(&ring_type, make_new, ring_make_new, 0);
    MP_OBJ_TYPE_SET_SLOT(&ring_type, print, ring_print, 1);
    MP_OBJ_TYPE_SET_SLOT(&ring_type, unary_op, ring_unary_op, 2);
    MP_OBJ_TYPE_SET_SLOT(&ring_type, attr, ring_attr, 3);
    MP_OBJ_TYPE_SET_SLOT(&ring_type, subscr, ring_subscr, 4);
    MP_OBJ_TYPE_SET_SLOT(&ring_type, iter, ring_getiter, 5);
    MP_OBJ_TYPE_SET_SLOT(&ring_type, locals_dict, (void *)&ring_methods, 6);

    mp_store_global(MP_QSTR_Ring, MP_OBJ_FROM_PTR(&ring_type));

    MP_DYNRUNTIME_INIT_EXIT
}
