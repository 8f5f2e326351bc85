"""A native module's source in a firmware: what is different there is told."""

from __future__ import annotations

from pathlib import Path

from toolchains import project
from toolchains.firmware import glue

SOURCE = """\
#include "py/dynruntime.h"
static mp_obj_t last;
mp_obj_t kept[4] = { 0 };
static uint8_t *buffer;
static int count = 3;
static const char *const words[] = { "a" };
static const mp_obj_t never = 0;
// static mp_obj_t old;
static mp_obj_t ask(mp_obj_t x) {
    mp_obj_t inner = x;
    return inner;
}
static mp_obj_t later(mp_obj_t x);
mp_obj_full_type_t type;
"""


def test_variables_that_the_garbage_collector_does_not_see_are_named(tmp_path: Path) -> None:
    (tmp_path / "natmod.toml").write_text('schema = 1\n[module]\nname = "probe"\nsources = ["probe.c"]\n')
    (tmp_path / "probe.c").write_text(SOURCE)
    assert glue.unseen_variables(project.load(tmp_path)) == ("last", "kept", "buffer")
