/* newlib keeps errno in a structure that only its start-up code fills in. A native module has none: one plain variable
   serves. It is not static, because a native module cannot have static variables. */

int natmod_errno;

int *__errno(void) {
    return &natmod_errno;
}
