// text_search: strings, bytes and buffers in C, and errors as Python exceptions.
//
//     >>> import text_search
//     >>> text_search.find("one two three", "two")
//     4
//     >>> text_search.replace(b"a-b-c", b"-", b"+")
//     b'a+b+c'

#include "py/dynruntime.h"

// No board has room for a longer result.
#define LONGEST ((size_t)1 << 30)

// A piece of text or of bytes, as C sees it: where it starts, how many bytes, and whether it was a str.
typedef struct {
    const uint8_t *data;
    size_t len;
    bool is_str;
} piece_t;

// Look into a Python object: str, bytes, bytearray, memoryview, array; anything else is a TypeError.
// No byte is copied: piece->data points into the object itself.
static void get_piece(mp_obj_t object, piece_t *piece) {
    mp_buffer_info_t info;
    if (!mp_get_buffer(object, &info, MP_BUFFER_READ)) {
        mp_raise_TypeError("expected str, bytes or a buffer");
    }
    piece->data = info.buf;
    piece->len = info.len;
    piece->is_str = mp_obj_get_type(object) == &mp_type_str;
}

// The two pieces of every search. Text is searched for text, bytes for bytes, as in Python.
static void get_both(mp_obj_t text_in, mp_obj_t wanted_in, piece_t *text, piece_t *wanted) {
    get_piece(text_in, text);
    get_piece(wanted_in, wanted);
    if (text->is_str != wanted->is_str) {
        mp_raise_TypeError("cannot mix str and bytes");
    }
    if (wanted->len == 0) {
        mp_raise_ValueError("nothing to search for");
    }
}

// Are the bytes of `wanted` found in `text` right at this place? There are enough bytes left, says the caller.
static bool stands_at(const piece_t *text, const piece_t *wanted, size_t place) {
    for (size_t i = 0; i < wanted->len; i++) {
        if (text->data[place + i] != wanted->data[i]) {
            return false;
        }
    }
    return true;
}

// The first place from `place` on where `wanted` stands; text->len when there is none.
static size_t search(const piece_t *text, const piece_t *wanted, size_t place) {
    for (; place + wanted->len <= text->len; place++) {
        if (stands_at(text, wanted, place)) {
            return place;
        }
    }
    return text->len;
}

// A str is stored as UTF-8: "é" takes two bytes. Bytes 10xxxxxx continue a character, all others begin one.
static bool begins_character(uint8_t byte) {
    return (byte & 0xC0) != 0x80;
}

// How many characters the first `end` bytes hold. For bytes that is simply `end`.
static size_t characters_before(const piece_t *text, size_t end) {
    if (!text->is_str) {
        return end;
    }
    size_t n = 0;
    for (size_t i = 0; i < end; i++) {
        n += begins_character(text->data[i]);
    }
    return n;
}

// The other way round: at which byte the character with this number begins.
static size_t byte_of_character(const piece_t *text, size_t number) {
    if (!text->is_str) {
        return number < text->len ? number : text->len;
    }
    size_t place = 0;
    while (place < text->len) {
        if (begins_character(text->data[place]) && number-- == 0) {
            break;
        }
        place++;
    }
    return place;
}

// find(text, wanted[, start]): the number of the character (or byte) where `wanted` begins, or -1.
static mp_obj_t find(size_t n_args, const mp_obj_t *args) {
    piece_t text, wanted;
    get_both(args[0], args[1], &text, &wanted);
    mp_int_t start = n_args > 2 ? mp_obj_get_int(args[2]) : 0;
    if (start < 0) {
        mp_raise_ValueError("start must be 0 or more");
    }
    size_t place = search(&text, &wanted, byte_of_character(&text, start));
    if (place == text.len) {
        return mp_obj_new_int(-1);
    }
    return mp_obj_new_int(characters_before(&text, place));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(find_obj, 2, 3, find);

// How often `wanted` stands in `text`, without overlaps.
static size_t count_all(const piece_t *text, const piece_t *wanted) {
    size_t n = 0;
    for (size_t place = search(text, wanted, 0); place < text->len; place = search(text, wanted, place + wanted->len)) {
        n++;
    }
    return n;
}

// count(text, wanted)
static mp_obj_t count(mp_obj_t text_in, mp_obj_t wanted_in) {
    piece_t text, wanted;
    get_both(text_in, wanted_in, &text, &wanted);
    return mp_obj_new_int(count_all(&text, &wanted));
}
static MP_DEFINE_CONST_FUN_OBJ_2(count_obj, count);

// Copy bytes and return the place behind them. memcpy of the C library is not there on the board;
// MicroPython lends us its own memmove through the table of functions that it offers to native modules.
static uint8_t *append(uint8_t *to, const uint8_t *from, size_t len) {
    mp_fun_table.memmove_(to, from, len);
    return to + len;
}

// replace(text, old, new): a new str, or new bytes, with every `old` replaced.
static mp_obj_t replace(mp_obj_t text_in, mp_obj_t old_in, mp_obj_t new_in) {
    piece_t text, old, new;
    get_both(text_in, old_in, &text, &old);
    get_piece(new_in, &new);
    if (new.is_str != text.is_str) {
        mp_raise_TypeError("cannot mix str and bytes");
    }
    size_t n = count_all(&text, &old);
    // C does not notice when a number grows too large; then too little memory would be taken. So ask first.
    if (new.len > 0 && n > (LONGEST - text.len) / new.len) {
        mp_raise_ValueError("the result is too long");
    }
    size_t len = text.len - n * old.len + n * new.len;

    // First how long, then one allocation, then the bytes. m_malloc raises MemoryError by itself.
    uint8_t *result = m_malloc(len + 1);
    uint8_t *end = result;
    size_t done = 0;
    for (size_t i = 0; i < n; i++) {
        size_t place = search(&text, &old, done);
        end = append(end, text.data + done, place - done);
        end = append(end, new.data, new.len);
        done = place + old.len;
    }
    append(end, text.data + done, text.len - done);

    mp_obj_t object = text.is_str ? mp_obj_new_str((const char *)result, len) : mp_obj_new_bytes(result, len);
    m_free(result); // the new object has its own copy
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_3(replace_obj, replace);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_find, MP_OBJ_FROM_PTR(&find_obj));
    mp_store_global(MP_QSTR_count, MP_OBJ_FROM_PTR(&count_obj));
    mp_store_global(MP_QSTR_replace, MP_OBJ_FROM_PTR(&replace_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
