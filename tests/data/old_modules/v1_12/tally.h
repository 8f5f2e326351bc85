// What the files of the module share.
typedef struct _tally_obj_t {
    mp_obj_base_t base;
    mp_int_t total;
    mp_int_t left;
} tally_obj_t;

extern mp_obj_type_t tally_type;
