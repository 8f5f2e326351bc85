"""The projects: each a mistake that people make, in the manner in which they make it."""

from __future__ import annotations

from tests.toolchains.doctor.patients import Sick
from tests.toolchains.natmods import HEAD, INIT, module

_PLUS = "    return mp_obj_new_int(mp_obj_get_int(x) + {});"
TWO = 'sources = ["small.c", "other.c"]'

#: What the doctor cures, on every architecture.
CURED = (
    Sick(
        "runtime",
        {
            "small.c": module(
                "    long long n = mp_obj_get_int(x);\n    return mp_obj_new_int((n << 33) / (n * 2) % 97 + 7);"
            )
        },
        'runtime = "off" # no libraries',
    ),
    Sick(
        "runtime",
        {
            "small.c": module(
                "    mp_int_t n = mp_obj_get_int(x);\n    return mp_obj_new_int((mp_int_t)sqrtf((float)(n * n)) + 2);",
                "float sqrtf(float x);\n",
            )
        },
        'runtime = "off"',
    ),
    Sick(
        "memory-functions",
        {
            "small.c": module(
                "    char copy[80];\n    int n = mp_obj_get_int(x);\n"
                "    memcpy(copy, mp_obj_str_get_str(MP_OBJ_NEW_QSTR(MP_QSTR_answer)), n / 8);\n"
                "    return mp_obj_new_int(n - 3 + mp_obj_get_int(mp_obj_len(mp_obj_new_str(copy, n / 8))));",
                "#include <string.h>\n",
            )
        },
        'runtime = "off"',
    ),
    Sick(
        "not-in-table",
        {
            "small.c": module(
                "    mp_obj_t pair[2] = {x, MP_OBJ_NEW_SMALL_INT(2)};\n    size_t n; mp_obj_t *items;\n"
                "    mp_obj_tuple_get(mp_obj_new_tuple(2, pair), &n, &items); // mp_obj_tuple_get\n"
                "    if (!mp_obj_equal(items[0], x)) {\n        mp_raise_type(&mp_type_ValueError);\n    }\n"
                "    return mp_obj_new_int(mp_obj_get_int(items[0]) + mp_obj_get_int(items[1]));"
            )
        },
    ),
    Sick(
        "c-library",
        {
            "small.c": module(
                '    int *n = malloc(sizeof(int));\n    *n = mp_obj_get_int(x) + 2;\n    printf("%d\\n", *n);\n'
                "    int sum = *n;\n    free(n);\n    return mp_obj_new_int(sum);",
                "void *malloc(size_t n);\nvoid free(void *p);\nint printf(const char *f, ...);\n",
            )
        },
    ),
    Sick(
        "own-source",
        {
            "small.c": module("    return mp_obj_new_int(other(mp_obj_get_int(x)));", "int other(int x);\n"),
            "other.c": "int other(int x) {\n    return x + 2;\n}\n",
        },
        'sources = ["small.c"]',
    ),
    Sick(
        "misspelt",
        {
            "small.c": module("    return mp_obj_new_int(plus_two(mp_obj_get_int(x)));", "int plus_two(int x);\n")
            + "int plus_tow(int x) {\n    return x + 2;\n}\n"
        },
    ),
    Sick(
        "data",
        {
            "small.c": module(
                "    static int step = 1;\n    start += step++;\n    table[1] += 1;\n"
                "    return mp_obj_new_int(mp_obj_get_int(x) + start + table[1] + fixed[0] - 2);",
                "int start = 0x1000 - 0xfff;\nstatic int table[] = {1, 0};\nint fixed[] = {1, 2};\n",
            )
        },
    ),
    Sick(
        "static-variable",
        {
            "small.c": module(
                "    static int count;\n    count += 1;\n    hidden += count;\n    other(0);\n"
                "    return mp_obj_new_int(mp_obj_get_int(x) + hidden + count);",
                "static int hidden;\nint other(int);\n",
            )
            + "\n// counts, too\nint other(int x) {\n    static int count;\n    return count += x;\n}\n"
        },
    ),
    Sick(
        "hidden-variable",
        {"small.c": module("    total += mp_obj_get_int(x);\n    return mp_obj_new_int(total + 2);", "int total;\n")},
        'cflags = ["-O2", "-fvisibility=hidden"]',
    ),
    Sick(
        "common-variable",
        {"small.c": module("    total += mp_obj_get_int(x);\n    return mp_obj_new_int(total + 2);", "int total;\n")},
        'cflags = ["-fcommon"]',
    ),
    Sick(
        "thread-variable",
        {
            "small.c": module(
                "    count += 2;\n    return mp_obj_new_int(mp_obj_get_int(x) + count);", "static __thread int count;\n"
            )
        },
    ),
    Sick(
        "no-entry",
        {
            "small.c": HEAD
            + "static mp_obj_t answer(mp_obj_t x) {\n"
            + _PLUS.format(2)
            + "\n}\nstatic MP_DEFINE_CONST_FUN_OBJ_1(answer_obj, answer);"
        },
    ),
    Sick("too-big", {"small.c": module(_PLUS.format(2))}, "[limits]\ntext = 16"),
)

#: What is told, and cannot be cured by an edit.
TOLD = (
    Sick("unknown-symbol", {"small.c": module("    return mp_obj_new_int(nowhere());", "int nowhere(void);\n")}),
    Sick(
        "weak",
        {
            "small.c": module(
                "    return mp_obj_new_int(maybe ? maybe() : 0);", "int maybe(void) __attribute__((weak));\n"
            )
        },
    ),
    Sick(
        "twice",
        {"small.c": module(before="int f(void) { return 1; }\n"), "other.c": "int f(void) { return 2; }\n"},
        TWO,
    ),
)

#: What the compiler itself finds.
COMPILED = (
    Sick(
        "floats-off",
        {"small.c": module("    mp_float_t f = mp_obj_get_float(x);\n    return mp_obj_new_float(f + 2);")},
        'float = "none"',
    ),
    Sick(
        "header",
        {"small.c": module(_PLUS.format("TWO"), '#include "two.h"\n'), "inc/two.h": "#define TWO 2\n"},
    ),
    Sick("old-macro", {"small.c": module(_PLUS.format(2)).replace("static", "STATIC")}),
    Sick("syntax", {"small.c": module("    int n = mp_obj_get_int(x)\n    return mp_obj_new_int(n + 2);")}),
)

#: Assembler that has what 1.26's linker does not know: a place in front of another (1.29 does), and a short jump.
DISTANCE = """    .global other
    .align 4
other:
    entry sp, 32
    mov.n a2, a2
.L1:
    retw
.L2:
    .section .rodata
    .word .L1-.L2
"""
SHORT = """    .globl other
other:
    ret
    .reloc other, R_RISCV_RVC_LUI, other
"""
ASSEMBLED = 'sources = ["small.c", "other.S"]'
CALLS_OTHER = module("    return mp_obj_new_int(other(mp_obj_get_int(x)));", "int other(int x);\n")

#: Every call that the hints know how to write otherwise, in one function.
ALL_CALLS = {
    "mp_obj_list_get": "mp_obj_list_get(list, &n, &items)",
    "mp_obj_tuple_get": "mp_obj_tuple_get(list, &n, &items)",
    "mp_obj_list_store": "mp_obj_list_store(list, MP_OBJ_NEW_SMALL_INT(0), x)",
    "mp_obj_dict_get": "sum += mp_obj_get_int(mp_obj_dict_get(dict, x))",
    "mp_obj_is_integer": "sum += mp_obj_is_integer(x)",
    "mp_obj_equal": "sum += mp_obj_equal(x, x)",
    "mp_obj_new_str_via_qstr": 'keep(mp_obj_new_str_via_qstr("ab", 2))',
    "mp_obj_new_str_copy": 'keep(mp_obj_new_str_copy(&mp_type_str, (const byte *)"ab", 2))',
    "mp_obj_new_str_from_cstr": 'keep(mp_obj_new_str_from_cstr("a, b"))',
    "mp_obj_new_set": "keep(mp_obj_new_set(1, &x))",
    "mp_obj_new_slice": "keep(mp_obj_new_slice(x, x, mp_const_none))",
    "mp_getiter": "keep(mp_getiter(list, NULL))",
    "mp_call_function_0": "mp_call_function_0(mp_load_global(MP_QSTR_dict))",
    "mp_call_function_1": "mp_call_function_1(mp_load_global(MP_QSTR_abs), x)",
    "mp_call_function_2": "mp_call_function_2(mp_load_global(MP_QSTR_max), x, x)",
    "mp_call_method_n_kw": "call[0] = mp_load_global(MP_QSTR_abs), call[1] = MP_OBJ_NULL, call[2] = x,"
    " mp_call_method_n_kw(1, 0, call)",
    "mp_print_str": 'mp_print_str(&mp_plat_print, "")',
    "m_malloc0": "keep_pointer(m_malloc0(8))",
    "m_new0": "keep_pointer(m_new0(int, 1 + 2))",
    "printf": 'printf("")',
    "puts": 'puts("all")',
    "putchar": "putchar(13)",
    "malloc": "keep_pointer(malloc(8))",
    "calloc": "keep_pointer(calloc(2, n + 1))",
    "realloc": "kept = realloc(kept, 99)",
    "free": "free(kept)",
}
_KEEP = """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
void *kept;
int filled;
static void keep(mp_obj_t o) {
    filled += mp_obj_is_true(o);
}
static void keep_pointer(void *p) {
    kept = p;
    filled += *(char *)p;
}
"""


def all_calls() -> str:
    """The C text with all of them."""
    lines = "".join(f"    {call};\n" for call in ALL_CALLS.values())
    return module(
        "    mp_obj_t list = mp_obj_new_list(1, &x), dict = mp_obj_new_dict(1), *items, call[3];\n"
        "    size_t n = 0;\n    int sum = 0;\n    mp_obj_dict_store(dict, x, x);\n" + lines +
        "    return mp_obj_new_int(sum + 1);",
        _KEEP,
    )  # fmt: skip


CLASH = {
    "small.c": HEAD
    + "extern const char *other(int);\n"
    + 'static const char *mine(int x) {\n    return x ? "one of small" : "two";\n}\n'
    + "static mp_obj_t answer(mp_obj_t x) {\n    int n = mp_obj_get_int(x);\n"
    + "    const char *s = n ? other(n) : mine(n);\n    return mp_obj_new_str(s, 3);\n}\n"
    + "static MP_DEFINE_CONST_FUN_OBJ_1(answer_obj, answer);\n"
    + INIT,
    "other.c": "static int mine(int x) {\n    return x + 1;\n}\nconst char *other(int x) {\n"
    + '    return mine(x) ? "one of other" : "six";\n}\n',
}
