// A board without MicroPython: loads a native .mpy file as py/persistentcode.c does (docs/reference/mpyfiles.rst), calls
// its mpy_init, and then the function of one argument that it stored, with each number in "arguments". The functions
// of MicroPython that the module calls print what they are given.

#include "sim.h"

extern const unsigned char module[];

enum { SCOPE_RELOC = 0x10, SCOPE_RODATA = 0x20, SCOPE_BSS = 0x40, ENTRIES = 96, ROOM = 16384 };
enum { FROM_OBJ = 3, TO_OBJ = 4, SWAP_GLOBALS = 5, STORE_GLOBAL = 13, MEMSET = 50, MEMMOVE = 51 };
enum { NEW_FLOAT = 60, NEW_DOUBLE = 61, GET_FLOAT = 62, GET_DOUBLE = 63, FUN_1 = 78 };

typedef unsigned word;

static const int arguments[] = {1, 7, 40};
static const unsigned char *at;
static word table[ENTRIES], code[ROOM], rodata[ROOM], bss[ROOM], objects[4], context[16];
static unsigned short names[256];
static word *stored;

static void unknown(void) {
    say_integer(0xbad);
    leave(1);
}

static int from_obj(int object, int type) {
    return object;
}

static int to_obj(int value, int type) {
    say_integer((long long)value);
    return value;
}

static void *swap_globals(void *globals) {
    return 0;
}

static void store_global(int name, word *object) {
    stored = object;
}

static void *set(char *to, int value, size_t n) {
    for (size_t i = 0; i < n; i++) {
        to[i] = value;
    }
    return to;
}

static void *move(char *to, const char *from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t k = to < from ? i : n - 1 - i;
        to[k] = from[k];
    }
    return to;
}

static int new_float(float value) {
    say_float(value);
    return 0;
}

static int new_double(double value) {
    say_double(value);
    return 0;
}

static float get_float(int object) {
    return object / 16.0f;
}

static double get_double(int object) {
    return object / 16.0;
}

static word number(void) {
    word value = 0;
    do {
        value = value << 7 | (*at & 127);
    } while (*at++ & 128);
    return value;
}

static void relocate(void) {
    word *place = 0;
    for (unsigned char op; (op = *at++) != 0xff;) {
        if (op & 1) {
            word where = number();
            place = (where & 1 ? rodata : code) + (where >> 1);
        }
        op >>= 1;
        word n = op <= 5 && op & 1 ? number() : 1;
        word parts[] = {(word)code, (word)rodata, (word)bss};
        word target = op <= 5 ? parts[op >> 1]
                    : op == 6 ? (word)names
                    : op == 7 ? (word)objects
                    : op == 8 ? (word)table
                              : table[op - 9];
        while (n--) {
            *place++ += target;
        }
    }
}

static void load(void) {
    at = module + 4;
    word n_names = number(), n_objects = number();
    for (word i = 0; i < n_names; i++) {
        word length = number();
        names[i] = i;
        at += length & 1 ? 0 : (length >> 1) + 1;
    }
    word kind = number(), length = kind >> 3;
    if (n_objects || (kind & 7) != 2 || length > sizeof code) {
        unknown();
    }
    move((char *)code, (const char *)at, length);
    at += length;
    word scope = number();
    word n_rodata = scope & SCOPE_RODATA ? number() : 0;
    word n_bss = scope & SCOPE_BSS ? number() : 0;
    if (n_rodata > sizeof rodata || n_bss > sizeof bss) {
        unknown();
    }
    move((char *)rodata, (const char *)at, n_rodata);
    at += n_rodata;
    if (scope & SCOPE_RELOC) {
        relocate();
    }
}

int main(void) {
    for (int i = 0; i < ENTRIES; i++) {
        table[i] = (word)unknown;
    }
    table[FROM_OBJ] = (word)from_obj;
    table[TO_OBJ] = (word)to_obj;
    table[SWAP_GLOBALS] = (word)swap_globals;
    table[STORE_GLOBAL] = (word)store_global;
    table[MEMSET] = (word)set;
    table[MEMMOVE] = (word)move;
    table[NEW_FLOAT] = (word)new_float;
    table[NEW_DOUBLE] = (word)new_double;
    table[GET_FLOAT] = (word)get_float;
    table[GET_DOUBLE] = (word)get_double;
    load();
    word self[] = {0, (word)context, 0, 0};
    ((void *(*)(void *, int, int, void *))code)(self, 0, 0, 0);
    if (stored == 0) {
        unknown();
    }
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        ((int (*)(int))stored[1])(arguments[i]);
    }
    return 0;
}
