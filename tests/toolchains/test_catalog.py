"""The catalogue of toolchains: true to Espressif's lists, and what it answers."""

from __future__ import annotations

import csv
import json
import lzma
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.idf_tools import tool, tools_json, version
from tests.homes import CHECKOUT
from toolchains.catalog import PLATFORMS, Catalog, CatalogBroken, Release, platform_key, release_from, release_record
from toolchains.catalog_records import Checked
from toolchains.chips import chips
from toolchains.host import Host, System
from toolchains.idf_tools import known_regexes
from toolchains.jobs import JobContext
from toolchains.micropython_releases import micropython_releases, minors
from toolchains.paths import Paths

_ROWS = CHECKOUT / "tests" / "data" / "esp_idf_tools.csv.xz"
_NEWER = "esp-17.1.0_20270301"


@pytest.fixture
def catalog(paths: Paths) -> Catalog:
    """Ours alone."""
    return Catalog.of(paths)


@pytest.fixture(scope="module")
def espressif() -> list[dict[str, str]]:
    """Every archive of every tool in the tools.json of 23 ESP-IDF releases."""
    with lzma.open(_ROWS, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- true to what Espressif publishes --------------------------------------------------------------------------------


def test_every_archive_is_one_that_espressif_lists(catalog: Catalog, espressif: list[dict[str, str]]) -> None:
    listed = {(r["tool"], r["tool_version"], r["platform"]): (r["url"], int(r["size"]), r["sha256"]) for r in espressif}
    claimed = {
        (release.tool, release.version, platform): (file.url, file.size, file.sha256)
        for release in catalog.releases
        for platform, file in release.files.items()
    }
    assert len(claimed) > 200
    assert {key: listed.get(key) for key in claimed} == claimed


def test_no_platform_of_a_release_and_no_idf_is_left_out(catalog: Catalog, espressif: list[dict[str, str]]) -> None:
    for release in catalog.releases:
        rows = [row for row in espressif if (row["tool"], row["tool_version"]) == (release.tool, release.version)]
        assert set(release.files) == {row["platform"] for row in rows}, release.id
        assert set(release.idf) == {row["idf_version"] for row in rows}, release.id


def test_whatever_the_idf_of_a_supported_micropython_uses_is_there(
    catalog: Catalog, espressif: list[dict[str, str]]
) -> None:
    needed = {idf for release in micropython_releases() for idf in release.idf}
    ours = {release.tool for release in catalog.releases}
    missing = {
        f"{row['tool']}@{row['tool_version']}"
        for row in espressif
        if row["tool"] in ours and row["idf_version"] in needed
    }
    assert missing - {release.id for release in catalog.releases} == set()
    assert needed <= {row["idf_version"] for row in espressif}


def test_the_newest_and_the_smallest_of_each_tool_are_there(catalog: Catalog, espressif: list[dict[str, str]]) -> None:
    for name in {release.tool for release in catalog.releases}:
        rows = [row for row in espressif if row["tool"] == name]
        newest = catalog.get(name)
        assert newest is not None
        assert (
            newest.version == [row for row in rows if row["idf_version"] == rows[-1]["idf_version"]][-1]["tool_version"]
        )
        for platform in {row["platform"] for row in rows}:
            smallest = min(int(row["size"]) for row in rows if row["platform"] == platform)
            files = [file for one in catalog.releases if one.tool == name and (file := one.files.get(platform))]
            assert min(file.size for file in files) == smallest


def test_a_version_command_is_answered_as_espressifs_programs_do(catalog: Catalog) -> None:
    answers = {
        "xtensa-esp-elf@esp-14.2.0_20241119": "xtensa-esp-elf-gcc (crosstool-NG esp-14.2.0_20241119) 14.2.0\nCopyright",
        "riscv32-esp-elf@esp-2022r1-11.2.0": "riscv32-esp-elf-gcc.exe (crosstool-NG esp-2022r1) 11.2.0",
        "esp-clang@15.0.0-23786128ae": (
            "clang version 15.0.0 (https://github.com/espressif/llvm-project.git 23786128ae0c1b2d3e4f)"
        ),
        "esp-clang@esp-19.1.2_20250312": (
            "Espressif clang version 19.1.2 (https://github.com/espressif/llvm-project esp-19.1.2_20250312)"
        ),
        "qemu-xtensa@esp_develop_9.2.2_20250817": "no locale\nQEMU emulator version 9.2.2 (esp_develop_9.2.2_20250817)",
    }
    for name, answer in answers.items():
        release = catalog.get(name)
        assert release is not None
        assert release.version_in(answer) == release.version
        assert release.version_in("bash: not found") is None
        assert release.version_command[1:] == ("--version",)
        assert release.bin.endswith("/bin")


# --- what serves -----------------------------------------------------------------------------------------------------


def test_for_modules_the_smallest_download_that_serves_comes_first(catalog: Catalog) -> None:
    for platform, arch in (("win64", "xtensawin"), ("linux-amd64", "xtensawin"), ("win64", "rv32imc")):
        found = catalog.for_arch(arch, platform, "1.26.1")
        sizes = [release.files[platform].size for release in found]
        assert sizes == sorted(sizes)
        assert len(found) > 3
        assert all(release.kind == "gcc" and arch in release.arches for release in found)
    assert catalog.for_arch("xtensawin", "win64", "1.26.1")[0].files["win64"].size < 135_000_000
    assert catalog.for_arch("rv32imc", "win64", "1.26.1")[0].files["win64"].size < 272_000_000


def test_a_compiler_whose_objects_that_micropython_cannot_link_is_not_offered(catalog: Catalog) -> None:
    assert catalog.for_arch("rv32imc", "linux-amd64", "1.24.1") == []
    assert catalog.for_arch("rv32imc", "linux-amd64", "1.25.0")
    newest = catalog.get("xtensa-esp-elf")
    assert newest is not None
    assert newest in catalog.for_arch("xtensawin", "macos-arm64", "1.29.0")
    assert newest not in catalog.for_arch("xtensawin", "macos-arm64", "1.26.1")
    assert newest in catalog.for_arch("xtensawin", "macos-arm64")


def test_a_micropython_newer_than_ours_is_served_like_the_newest(catalog: Catalog) -> None:
    newest = catalog.for_arch("xtensawin", "win64", minors()[-1])
    assert newest
    assert catalog.for_arch("xtensawin", "win64", "1.47.0-preview") == newest
    assert catalog.for_arch("xtensawin", "win64", "v1.29.0") == newest


def test_windows_for_arm_is_given_what_it_runs(catalog: Catalog) -> None:
    release = catalog.get("xtensa-esp32-elf@esp-12.2.0_20230208")
    newest = catalog.get("riscv32-esp-elf")
    assert release is not None
    assert newest is not None
    assert release.file_for("win-arm64") == release.files["win64"]
    assert newest.file_for("win-arm64") == newest.files["win-arm64"]
    assert release.file_for(None) is None


def test_modules_are_for_a_family_firmware_is_for_a_chip(catalog: Catalog) -> None:
    release = catalog.get("xtensa-esp32-elf@esp-2022r1-11.2.0")
    assert release is not None
    assert release.chips == ("esp32",)
    assert release.module_chips == ("esp32", "esp32s2", "esp32s3")
    assert release.micropython == ("1.22", "1.23", "1.24")
    assert [one.id for one in catalog.for_firmware("esp32", "v5.0.4")] == [release.id]
    assert [one.version for one in catalog.for_firmware("esp32c3", "v5.5.2")] == ["esp-14.2.0_20251107"]


def test_an_architecture_or_a_platform_that_espressif_does_not_serve_has_nothing(catalog: Catalog) -> None:
    assert catalog.for_arch("armv7m", "linux-amd64") == []
    assert catalog.for_arch("xtensawin", None) == []
    assert catalog.get("xtensa-esp-elf@esp-1.0.0_20000101") is None
    assert catalog.get("gcc") is None


def test_all_chips_of_micropython_are_served(catalog: Catalog) -> None:
    for chip in chips().values():
        assert catalog.for_arch(chip.arch, "linux-amd64"), chip.name
    assert {chip for release in catalog.releases for chip in release.chips} == set(chips())


# --- which machine this is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "machine", "key"),
    [
        ("linux", "x86_64", "linux-amd64"),
        ("linux", "aarch64", "linux-arm64"),
        ("linux", "armv8l", "linux-arm64"),
        ("linux", "i686", "linux-i686"),
        ("linux", "armv6l", None),
        ("linux", "riscv64", None),
        ("macos", "x86_64", "macos"),
        ("macos", "aarch64", "macos-arm64"),
        ("windows", "x86_64", "win64"),
        ("windows", "x86", "win32"),
        ("windows", "aarch64", "win-arm64"),
    ],
)
def test_a_machine_has_the_name_that_espressif_gives_it(system: System, machine: str, key: str | None) -> None:
    assert platform_key(Host(system, machine)) == key
    assert key is None or key in PLATFORMS


@pytest.mark.parametrize(
    ("machine", "flags", "key"),
    [(40, 0x5000400, "linux-armhf"), (40, 0x5000200, "linux-armel"), (183, 0, "linux-arm64"), (62, 0, "linux-armel")],
)
def test_on_32_bit_arm_the_running_python_tells(tmp_path: Path, machine: int, flags: int, key: str) -> None:
    python = tmp_path / "python3"
    header = bytearray(52)
    struct.pack_into("<H", header, 18, machine)
    struct.pack_into("<I", header, 36, flags)
    python.write_bytes(bytes(header))
    assert platform_key(Host("linux", "armv7l"), python) == key
    assert platform_key(Host("linux", "armv7l"), tmp_path / "gone") == "linux-armel"


# --- a newer tools.json ----------------------------------------------------------------------------------------------


def _newer(tmp_path: Path, name: str = "tools.json") -> Path:
    path = tmp_path / name
    path.write_bytes(tools_json(tool(version(_NEWER, megabytes=50), version("esp-14.2.0_20241119"))))
    return path


@pytest.mark.parametrize("name", ["tools.json", "tools-v6.3.json"])
def test_an_imported_list_adds_what_is_new_and_stays(tmp_path: Path, paths: Paths, catalog: Catalog, name: str) -> None:
    path = _newer(tmp_path, name)
    assert [one.version for one in catalog.import_file(JobContext(), path)] == [_NEWER]
    path.unlink()
    after = Catalog.of(paths)
    release = after.get("xtensa-esp-elf")
    assert release is not None
    assert release.version == _NEWER
    assert release.origin != "espressif"
    assert release.idf == (("v6.3",) if name == "tools-v6.3.json" else ())
    assert release.chips == ("esp32", "esp32s2", "esp32s3")
    assert after.for_arch("xtensawin", "win64", "1.29.0")[0].id == release.id
    assert release.version_in(f"xtensa-esp-elf-gcc (crosstool-NG {_NEWER}) 17.1.0") == _NEWER


def test_an_imported_list_never_changes_what_we_know(tmp_path: Path, paths: Paths, catalog: Catalog) -> None:
    catalog.import_file(JobContext(), _newer(tmp_path))
    name = "xtensa-esp-elf@esp-14.2.0_20241119"
    assert Catalog.of(paths).get(name) == catalog.get(name)


def test_a_list_with_nothing_new_is_not_kept(tmp_path: Path, paths: Paths, catalog: Catalog) -> None:
    path = tmp_path / "tools.json"
    path.write_bytes(tools_json(tool(version("esp-14.2.0_20241119"))))
    assert catalog.import_file(JobContext(), path) == []
    assert not (paths.data / "catalog").exists()


def test_a_broken_kept_list_is_reported_and_the_rest_is_used(tmp_path: Path, paths: Paths, catalog: Catalog) -> None:
    catalog.import_file(JobContext(), _newer(tmp_path))
    (paths.data / "catalog" / "tools-v9.9.json").write_text("{", "utf-8")
    after = Catalog.of(paths)
    assert [str(problem).partition(".json")[0] for problem in after.problems] == ["tools-v9.9"]
    assert after.get(f"xtensa-esp-elf@{_NEWER}")


# --- records for packs -----------------------------------------------------------------------------------------------


def test_a_release_survives_a_manifest(catalog: Catalog) -> None:
    for release in catalog.releases:
        record = json.loads(json.dumps(release_record(release)))
        assert release_from(Checked(record, "manifest.json"), known_regexes()) == release


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("kind", "virus", "kind"),
        ("version", "../../x", "version"),
        ("tool", "CON", "tool"),
        ("bin", "/usr/bin", "bin"),
        ("bin", "a/../b", "bin"),
        ("program", "sh -c", "program"),
        ("version_command", ["sh", "-c"], "version_command"),
        ("natmod", ["1.22"], "natmod"),
        ("files", {"win64": ["a.zip", "http://a/a.zip", 1, "0" * 64]}, "files.win64[1]"),
        ("files", {"win64": ["a.zip", "https://a/a.zip", True, "0" * 64]}, "files.win64[2]"),
        ("files", {"win64": ["a.exe", "https://a/a.exe", 1, "0" * 64]}, "files.win64[0]"),
    ],
)
def test_a_hostile_record_is_refused_with_its_place(catalog: Catalog, key: str, value: object, where: str) -> None:
    record = {**release_record(catalog.releases[0]), key: value}
    with pytest.raises(CatalogBroken) as raised:
        release_from(Checked(record, "manifest.json"))
    assert raised.value.fields["where"] == where


def test_a_hostile_pattern_is_not_used(catalog: Catalog) -> None:
    release = catalog.releases[0]
    evil = replace(release, version_regex="(a+)+$")
    read: Release = release_from(Checked(release_record(evil), "manifest.json"), known_regexes())
    assert read.version_in("a" * 250 + "!") is None
    assert read.version_in(f"clang ({release.version}) 1") == release.version


@pytest.mark.parametrize("content", ["<html>", "{}", '{"tools": [{"name": "x"}]}'])
def test_what_is_wrong_with_a_list_is_said_in_whole_sentences(
    paths: Paths, ctx: JobContext, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "tools.json"
    path.write_text(content)
    with pytest.raises(CatalogBroken) as caught:
        Catalog.of(paths).import_file(ctx, path)
    said = str(caught.value)
    assert said.startswith("tools.json is not a list of toolchains that can be used. At "), said
    assert said.endswith(". Use the tools.json of an ESP-IDF release, unchanged."), said
