#pragma once
#include <stdint.h>

uintptr_t simulator_poll(uintptr_t flags);
