"""Failures of the link, with the real compilers: found, cured, built, and taken back to the byte."""

from __future__ import annotations

import pytest

from tests.toolchains.doctor.patients import Sick, Ward
from tests.toolchains.doctor.sick import CLASH, CURED, TOLD, TWO
from tests.toolchains.natmods import module
from toolchains.errors import StudioError
from toolchains.natmod import BuildResult

ARCHES = ("rv32imc", "xtensawin")
#: Xtensa reaches these without any trouble.
NO_TROUBLE = {("static-variable", "xtensawin"), ("hidden-variable", "xtensawin"), ("memory-functions", "xtensawin")}


def _name(value: object) -> str | None:
    return value.cause if isinstance(value, Sick) else None


@pytest.mark.parametrize("arch_name", ARCHES)
@pytest.mark.parametrize("sick", CURED, ids=_name)
def test_cured(ward: Ward, sick: Sick, arch_name: str) -> None:
    ward.admit(sick)
    before = ward.contents()
    found, result = ward.heal(arch_name)
    if not found and (sick.cause, arch_name) in NO_TROUBLE:
        return
    assert sick.cause in {one.cause_id for one in found}
    assert result.path.is_file()
    assert ward.contents() != before
    print(arch_name, [(str(t), ) for d in ward.done for t in d.titles]); print("\n".join(v.decode() for v in ward.contents().values()))
    ward.take_back()
    assert ward.contents() == before
