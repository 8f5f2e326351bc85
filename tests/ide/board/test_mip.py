"""Packages are found, resolved and fetched by this computer; what an index or a package.json does wrong is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board.mip import mirror, resolve
from ide.board.mip.addresses import BadWord, beside, understand, url_of
from ide.board.mip.errors import PackageBroken, PackageDamaged, PackageNotForBoard, PackageUnknown, PackageUnsafe
from ide.board.mip.library import Library, search
from ide.board.mip.package_json import PackageJson, read_index
from ide.board.mip.records import BoardFacts, Gathered
from tests.conftest import RecordingContext
from tests.fakes.http_folder import serve
from tests.fakes.mip_index import MipIndex, mpy
from toolchains import dist
from toolchains.errors import DiskError
from toolchains.fetch_errors import NetworkError
from toolchains.mpy_loads import Loader
from toolchains.pack import PARTS, Wishes, make_pack
from toolchains.pack_source import PackSource
from toolchains.paths import Paths
from toolchains.toolbox import Toolbox

#: A board that reads .mpy 6.3 and runs code for rv32imc (11); one that reads Python only.
RV32 = BoardFacts(Loader(6 | 3 << 8 | 11 << 10, "1.26.1"), "/lib")
PYTHON = BoardFacts(Loader(0, "1.26.1"), "/lib")
KEYS = ("hashes", "urls", "deps", "version", "packages", "name", "versions")


@pytest.fixture
def index(tmp_path: Path) -> MipIndex:
    return MipIndex(tmp_path / "served")


@pytest.fixture
def site(index: MipIndex) -> Iterator[str]:
    with serve(index.folder) as (url, _requests):
        yield url


@pytest.fixture
def library(paths: Paths, site: str) -> Iterator[Library]:
    with Library(paths, site) as made:
        yield made


def files(gathered: Gathered) -> dict[str, bytes]:
    return {one.file.path: one.data for found in gathered.contents.values() for one in found}


# --- what is meant -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "url"),
    [
        ("github:a/b", "https://raw.githubusercontent.com/a/b/HEAD/"),
        ("github:a/b/c/d@v1.0", "https://raw.githubusercontent.com/a/b/v1.0/c/d"),
        ("gitlab:a/b/x.py@main", "https://gitlab.com/a/b/-/raw/main/x.py"),
        ("codeberg:a/b/x.py", "https://codeberg.org/api/v1/repos/a/b/raw/x.py?ref=HEAD"),
        ("https://example.org/x/", "https://example.org/x/"),
    ],
)
def test_the_short_forms_are_those_of_mip(word: str, url: str) -> None:
    assert url_of(understand(word)) == url


@pytest.mark.parametrize("word", ["", "a b", "../x y", "a@b@c", "http://u:p@h/x", "https:///x", "github:a/../b/c",
                                  "é", "ftp:x"])  # fmt: skip
def test_what_names_no_package_is_refused(word: str) -> None:
    with pytest.raises(BadWord):
        understand(word, local=False)


def test_a_path_is_a_package_of_this_computer_only_where_a_person_typed_it() -> None:
    assert understand("here/package.json").kind == "local"
    with pytest.raises(BadWord):
        understand("here/package.json", local=False)


@pytest.mark.parametrize("source", ["/etc/passwd", "file:///etc/passwd", "..\\x", "../../../x", "data:x"])
def test_a_package_json_names_files_of_its_own_place_only(source: str) -> None:
    with pytest.raises(PackageUnsafe):
        beside("https://example.org/a/package.json", source, "x")
    assert beside("https://example.org/a/b/package.json", "../x.py", "x") == "https://example.org/a/x.py"
    assert beside("github:o/r/package.json", "src/x.py", "x") == "github:o/r/src/x.py"


# --- an index ------------------------------------------------------------------------------------------------------


def test_a_package_is_found_by_a_word_of_its_name_or_description(
    ctx: RecordingContext, index: MipIndex, library: Library
) -> None:
    index.add("umqtt.simple", {"umqtt/simple.py": b""}, description="Lightweight MQTT client")
    index.add("urequests", {"urequests.py": b""}, description="speaks HTTP, no mqtt")
    listed = library.listed(ctx)
    assert [one.name for one in search(listed, "mqtt")] == ["umqtt.simple", "urequests"]
    assert [one.name for one in search(listed, "mqtt client")] == ["umqtt.simple"]
    assert search(listed, "bluetooth") == []


def test_a_package_comes_with_all_that_it_needs_first(ctx: RecordingContext, index: MipIndex, library: Library) -> None:
    index.add("app", {"app.py": b"import low"}, deps=[["mid", "latest"], ["low", "1.0"]])
    index.add("mid", {"mid/__init__.py": b"", "mid/more.py": b"1"}, deps=[["low", "latest"]])
    index.add("low", {"low.py": b"low"})
    gathered = resolve.gather(ctx, library, ["app"], PYTHON)
    assert [(one.name, one.wanted) for one in gathered.packages] == [("low", False), ("mid", False), ("app", True)]
    assert files(gathered) == {"low.py": b"low", "mid/__init__.py": b"", "mid/more.py": b"1", "app.py": b"import low"}
    assert gathered.packages[-1].deps == ("mid", "low")


def test_packages_that_need_one_another_are_each_there_once(
    ctx: RecordingContext, index: MipIndex, library: Library
) -> None:
    index.add("a", {"a.py": b"a"}, deps=[["b", "latest"], ["a", "latest"]])
    index.add("b", {"b.py": b"b"}, deps=[["a", "latest"]])
    assert sorted(files(resolve.gather(ctx, library, ["a"], PYTHON))) == ["a.py", "b.py"]


def test_the_version_that_is_asked_for_is_taken(ctx: RecordingContext, index: MipIndex, library: Library) -> None:
    index.add("x", {"x.py": b"old"}, "1.0")
    index.add("x", {"x.py": b"new"}, "2.0")
    assert files(resolve.gather(ctx, library, ["x@1.0"], PYTHON)) == {"x.py": b"old"}
    assert files(resolve.gather(ctx, library, ["x"], PYTHON)) == {"x.py": b"new"}
    with pytest.raises(PackageUnknown, match=r"3\.0"):
        resolve.gather(ctx, library, ["x@3.0"], PYTHON)


def test_a_board_gets_mpy_files_if_it_reads_them(
    ctx: RecordingContext, index: MipIndex, library: Library, tmp_path: Path
) -> None:
    index.add("x", {"x.py": b"source"}, keys=("py",))
    index.add("x", {"x.mpy": mpy(ctx, tmp_path / "m", "a = 1")}, keys=("6",))
    assert list(files(resolve.gather(ctx, library, ["x"], RV32))) == ["x.mpy"]
    assert list(files(resolve.gather(ctx, library, ["x"], PYTHON))) == ["x.py"]
    source = BoardFacts(RV32.loader, "/lib", python=True)
    assert list(files(resolve.gather(ctx, library, ["x"], source))) == ["x.py"]


def test_a_name_with_a_typing_mistake_is_told_the_right_one(
    ctx: RecordingContext, index: MipIndex, library: Library
) -> None:
    index.add("requests", {"requests.py": b""})
    with pytest.raises(PackageUnknown, match="Did you mean requests"):
        resolve.gather(ctx, library, ["reqests"], PYTHON)


def test_a_file_with_another_content_is_refused_and_got_again(
    ctx: RecordingContext, index: MipIndex, library: Library
) -> None:
    index.add("x", {"x.py": b"good"})
    index.spoil(b"good", b"bad")
    for _time in range(2):
        with pytest.raises(PackageDamaged):
            resolve.gather(ctx, library, ["x"], PYTHON)
    index.spoil(b"good", b"good")
    assert files(resolve.gather(ctx, library, ["x"], PYTHON)) == {"x.py": b"good"}


@pytest.mark.parametrize(
    "path", ["../boot.py", "/boot.py", "a/../../x", "a\\b", "", "a//b", "x\n.py", "C:/x", ".", "n" * 300]
)
def test_a_package_writes_nowhere_but_into_its_folder(
    ctx: RecordingContext, index: MipIndex, library: Library, path: str
) -> None:
    index.add_raw("x", {"hashes": [[path, index.file(b"x")]]})
    with pytest.raises(PackageUnsafe):
        resolve.gather(ctx, library, ["x"], PYTHON)


@pytest.mark.parametrize(
    "said",
    [b"", b"<html>", b"[]", b"[" * 100_000, {"hashes": 5}, {"hashes": [["a"]]}, {"hashes": [["a", "../../x"]]},
     {"hashes": [["a", "ABCDEF12"]]}, {"urls": [[1, 2]]}, {"deps": {"a": 1}}, {"deps": [["../x"]]},
     {"urls": [["a", "b", "c"]]}, {"urls": [["a", "b"]] * 2000}, b"9" * 10_000],
)  # fmt: skip
def test_a_package_json_that_is_none_is_said_to_be_so(
    ctx: RecordingContext, index: MipIndex, library: Library, said: object
) -> None:
    index.add_raw("x", said)
    with pytest.raises(PackageBroken):
        resolve.gather(ctx, library, ["x"], PYTHON)


def test_a_package_needs_no_file_of_this_computer(ctx: RecordingContext, index: MipIndex, library: Library) -> None:
    index.add_raw("x", {"deps": [["/etc/package.json", "latest"]]})
    with pytest.raises(PackageBroken):
        resolve.gather(ctx, library, ["x"], PYTHON)


def test_a_chain_of_packages_without_end_ends(ctx: RecordingContext, index: MipIndex, library: Library) -> None:
    for n in range(250):
        index.add_raw(f"p{n}", {"deps": [[f"p{n + 1}", "latest"]]})
    with pytest.raises(PackageBroken, match="too many"):
        resolve.resolve(ctx, library, ["p0"], PYTHON)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner),
    )
)
def test_whatever_an_index_says_it_is_read_or_refused(said: object) -> None:
    raw = json.dumps(said).encode()
    with suppress(PackageBroken, PackageUnsafe):
        PackageJson("x", raw)
    with suppress(PackageBroken):
        read_index("x", raw)


# --- without a network ---------------------------------------------------------------------------------------------


def test_what_was_fetched_once_is_there_without_a_network(ctx: RecordingContext, index: MipIndex, paths: Paths) -> None:
    index.add("x", {"x.py": b"x"})
    with serve(index.folder) as (url, requests):
        with Library(paths, url) as library:
            library.listed(ctx)
            resolve.gather(ctx, library, ["x"], PYTHON)
        asked = len(requests)
        with Library(paths, url) as library:
            resolve.gather(ctx, library, ["x"], PYTHON)
        assert len([path for path in requests[asked:] if "/file/" in path]) == 0
    with Library(paths, url) as library:
        assert [one.name for one in library.listed(ctx)] == ["x"]
        assert files(resolve.gather(ctx, library, ["x"], PYTHON)) == {"x.py": b"x"}
        assert library.stale
        with pytest.raises(NetworkError):
            resolve.gather(ctx, library, ["y"], PYTHON)


def test_a_server_that_breaks_off_is_asked_again(ctx: RecordingContext, index: MipIndex, paths: Paths) -> None:
    index.add("x", {"x.py": b"x" * 5000})
    with serve(index.folder, cut={"/package/py/x/latest.json": 1}) as (url, _requests), Library(paths, url) as library:
        assert files(resolve.gather(ctx, library, ["x"], PYTHON)) == {"x.py": b"x" * 5000}


def test_a_part_of_an_index_can_be_taken_along(
    ctx: RecordingContext, index: MipIndex, library: Library, paths: Paths, tmp_path: Path
) -> None:
    index.add("app", {"app.py": b"app"}, deps=[["low", "latest"]])
    index.add("low", {"low.py": b"low"})
    index.add("other", {"other.py": b"other"})
    assert mirror.mirror(ctx, library, ["app"], tmp_path / "folder") == ("app", "low")
    with Library(paths, str(tmp_path / "folder")) as there:
        assert [one.name for one in there.listed(ctx)] == ["app", "low"]
        assert files(resolve.gather(ctx, there, ["app"], RV32)) == {"low.py": b"low", "app.py": b"app"}
        with pytest.raises(PackageUnknown):
            resolve.gather(ctx, there, ["other"], RV32)
    with pytest.raises(PackageUnknown):
        mirror.mirror(ctx, library, ["nothing"], tmp_path / "folder2")


def test_a_pack_carries_packages_into_a_room_without_a_network(
    ctx: RecordingContext, index: MipIndex, library: Library, paths: Paths, tmp_path: Path
) -> None:
    index.add("app", {"app.py": b"app"}, deps=[["low", "latest"]], keys=("6", "py"))
    index.add("low", {"low.py": b"low"}, keys=("6", "py"))
    mirror.mirror(ctx, library, ["app"], tmp_path / "folder")
    with Toolbox.of(ctx.host) as box:
        wishes = Wishes((), without=frozenset(PARTS), packages=tmp_path / "folder")
        pack = make_pack(ctx, box, wishes, tmp_path / "lab").path
    with PackSource.open(ctx, str(pack)) as source, Library(paths, "http://127.0.0.1:9", source) as there:
        assert [one.name for one in there.listed(ctx)] == ["app", "low"]
        assert files(resolve.gather(ctx, there, ["app"], RV32)) == {"low.py": b"low", "app.py": b"app"}
        assert there.stale


# --- from anywhere -------------------------------------------------------------------------------------------------


def test_an_address_is_a_package_or_a_file(ctx: RecordingContext, index: MipIndex, library: Library, site: str) -> None:
    index.write("pkg/package.json", json.dumps({"version": "2", "urls": [["a/b.py", "src/b.py"]]}).encode())
    index.write("pkg/src/b.py", b"b")
    gathered = resolve.gather(ctx, library, [f"{site}/pkg"], PYTHON)
    assert files(gathered) == {"a/b.py": b"b"}
    assert (gathered.packages[0].name, gathered.packages[0].version) == ("pkg", "2")
    assert any("Nobody publishes hashes" in line for line in ctx.said())
    assert files(resolve.gather(ctx, library, [f"{site}/pkg/src/b.py"], PYTHON)) == {"b.py": b"b"}


def test_a_folder_here_is_a_package_and_reads_nothing_outside(
    ctx: RecordingContext, library: Library, tmp_path: Path
) -> None:
    here = tmp_path / "my pack é"
    here.mkdir()
    (here / "x.py").write_bytes(b"x")
    (tmp_path / "secret.py").write_bytes(b"secret")
    (here / "package.json").write_text(json.dumps({"urls": [["lib x.py", "x.py"]]}))
    assert files(resolve.gather(ctx, library, [str(here)], PYTHON)) == {"lib x.py": b"x"}
    assert files(resolve.gather(ctx, library, [str(here / "x.py")], PYTHON)) == {"x.py": b"x"}
    for source in ("../secret.py", str(tmp_path / "secret.py")):
        (here / "package.json").write_text(json.dumps({"urls": [["x.py", source]]}))
        with pytest.raises(PackageUnsafe):
            resolve.gather(ctx, library, [str(here)], PYTHON)


# --- native modules ------------------------------------------------------------------------------------------------


def test_a_path_that_is_not_there_is_told(ctx: RecordingContext, library: Library) -> None:
    for word in ("~nobody-of-that-name/x", "/" + 300 * "n", "/nowhere/at/all"):
        with pytest.raises(DiskError):
            resolve.gather(ctx, library, [word], RV32)


def test_a_folder_of_builds_gives_the_board_its_own(ctx: RecordingContext, library: Library, tmp_path: Path) -> None:
    for name in ("rv32imc_6.3", "xtensawin_6.3"):
        (tmp_path / "built" / name).mkdir(parents=True)
    assert dist.__doc__ is not None  # the layout is the one of natmod build --all
    good = mpy(ctx, tmp_path / "m", "a = 1")
    (tmp_path / "built" / "rv32imc_6.3" / "fast.mpy").write_bytes(good)
    (tmp_path / "built" / "xtensawin_6.3" / "fast.mpy").write_bytes(b"other")
    gathered = resolve.gather(ctx, library, [str(tmp_path / "built")], RV32)
    assert files(gathered) == {"fast.mpy": good}


def test_an_address_may_name_the_board_s_architecture(
    ctx: RecordingContext, index: MipIndex, library: Library, site: str, tmp_path: Path
) -> None:
    good = mpy(ctx, tmp_path / "m", "a = 1")
    index.write("n/rv32imc_6.3/fast.mpy", good)
    index.write(
        "p/rv32imc_6.3/package.json", json.dumps({"urls": [["fast.mpy", "../../n/rv32imc_6.3/fast.mpy"]]}).encode()
    )
    word = f"{site}/n/{{MPY_ARCH}}_{{MPY_VERSION}}/fast.mpy"
    assert files(resolve.gather(ctx, library, [word], RV32)) == {"fast.mpy": good}
    assert files(resolve.gather(ctx, library, [f"{site}/p"], RV32)) == {"fast.mpy": good}
    with pytest.raises(PackageNotForBoard):
        resolve.gather(ctx, library, [word], PYTHON)


def test_of_files_with_tags_the_board_gets_its_own(
    ctx: RecordingContext, index: MipIndex, library: Library, tmp_path: Path
) -> None:
    good = mpy(ctx, tmp_path / "m", "a = 1")
    tag, other = RV32.loader.mpy, RV32.loader.mpy + (1 << 10)
    rows = [["fast.mpy", index.file(b"other"), other], ["fast.mpy", index.file(good), tag],
            ["more.py", index.file(b"more")]]  # fmt: skip
    index.add_raw("fast", {"hashes": rows}, key="6")
    assert files(resolve.gather(ctx, library, ["fast"], RV32)) == {"fast.mpy": good, "more.py": b"more"}
    index.add_raw("fast", {"hashes": rows[:1]}, key="6")
    with pytest.raises(PackageNotForBoard):
        resolve.gather(ctx, library, ["fast"], RV32)


def test_a_module_for_another_processor_is_refused_before_anything_is_written(
    ctx: RecordingContext, index: MipIndex, library: Library, tmp_path: Path
) -> None:
    native = mpy(ctx, tmp_path / "m", "@micropython.native\ndef f(): pass", arch="xtensawin")
    index.add("fast", {"fast.mpy": native}, keys=("6",))
    with pytest.raises(PackageNotForBoard, match="built for xtensawin"):
        resolve.gather(ctx, library, ["fast"], RV32)
