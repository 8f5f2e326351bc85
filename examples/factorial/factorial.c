// factorial: the smallest useful native module. Python calls it like this:
//
//     >>> import factorial
//     >>> factorial.factorial(10)
//     3628800

// Everything that a native module may ask of MicroPython is declared here.
#include "py/dynruntime.h"

// mp_int_t is MicroPython's own whole number: 32 bits wide on a microcontroller, 64 on a PC.
// This is the largest value that fits into it.
#define LARGEST ((mp_int_t)((mp_uint_t)-1 >> 1))

// Plain C, nothing of Python in it: 1 * 2 * ... * n, or -1 when the result would not fit.
static mp_int_t factorial_of(mp_int_t n) {
    mp_int_t result = 1;
    for (mp_int_t i = 2; i <= n; i++) {
        if (result > LARGEST / i) {
            return -1;
        }
        result *= i;
    }
    return result;
}

// The function that Python sees. Every argument and every result is an mp_obj_t ("a Python object"),
// so there are three parts: Python object to C number, the work, C number to Python object.
static mp_obj_t factorial(mp_obj_t n_in) {
    mp_int_t n = mp_obj_get_int(n_in); // raises TypeError by itself if it is not a whole number
    if (n < 0) {
        mp_raise_ValueError("factorial needs a number from 0 up");
    }
    mp_int_t result = factorial_of(n);
    if (result < 0) {
        mp_raise_ValueError("the factorial is too large for this board");
    }
    return mp_obj_new_int(result);
}

// Wrap the C function into a Python function object that takes exactly 1 argument.
static MP_DEFINE_CONST_FUN_OBJ_1(factorial_obj, factorial);

// MicroPython calls mpy_init when the module is imported. It fills the module's namespace.
mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY // always first

    // From here on, the name "factorial" in this module means our function.
    // MP_QSTR_factorial is how C writes the Python name factorial.
    mp_store_global(MP_QSTR_factorial, MP_OBJ_FROM_PTR(&factorial_obj));

    MP_DYNRUNTIME_INIT_EXIT // always last
}
