"""The data files of resources/ obey their schemas, and agree with each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.homes import CHECKOUT
from toolchains import chips

_RESOURCES = CHECKOUT / "resources"
_SCHEMAS = _RESOURCES / "schema"


def _files() -> list[str]:
    found = (path.relative_to(_RESOURCES) for path in _RESOURCES.rglob("*.json"))
    return sorted(path.as_posix() for path in found if path.parts[0] != "schema")


def _load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _unique(rows: list[dict[str, Any]], key: str) -> bool:
    values = [row[key] for row in rows]
    return len(values) == len(set(values))


@pytest.mark.parametrize("name", _files())
def test_data_obeys_its_schema(name: str) -> None:
    schema_file = _SCHEMAS / name
    assert schema_file.is_file(), f"every data file has a schema: {schema_file.relative_to(CHECKOUT)} is missing"
    schema = _load(schema_file)
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in jsonschema.Draft202012Validator(schema).iter_errors(_load(_RESOURCES / name))
    ]
    assert errors == []


def test_every_schema_has_its_data() -> None:
    assert sorted(path.relative_to(_SCHEMAS).as_posix() for path in _SCHEMAS.rglob("*.json")) == _files()


def test_a_wrong_chip_is_refused() -> None:
    data = _load(_RESOURCES / "chips.json")
    data["chips"][0]["flash_offset"] = "0x1000"
    data["arches"][0]["colour"] = "red"
    validator = jsonschema.Draft202012Validator(_load(_SCHEMAS / "chips.json"))
    assert len(list(validator.iter_errors(data))) == 2


def test_chips_and_architectures_agree() -> None:
    data = _load(_RESOURCES / "chips.json")
    assert _unique(data["arches"], "name")
    assert _unique(data["arches"], "number")
    assert _unique(data["chips"], "name")
    assert _unique(data["chips"], "image_id")
    assert {chip.arch for chip in chips.chips().values()} <= set(chips.arches())
