"""A pack behind a static file server, read by what studio.py has: the standard library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.http_folder import serve
from tests.fakes.lab_packs import WHEELS, lab_pack, zipped
from toolchains.setup_pack import PackDamaged, PackNotThere, SetupPack


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return lab_pack(tmp_path / "lab")


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "into"
    folder.mkdir()
    yield folder
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize("parts", [False, True])
@pytest.mark.parametrize("address", ["lab", "lab/", "lab/manifest.json", "lab.natmodpack"])
def test_a_static_file_server_is_enough(lab: Path, target: Path, address: str, parts: bool) -> None:
    zipped(lab)
    with serve(lab.parent, parts=parts) as (url, requests):
        pack = SetupPack.open(f"{url}/{address}")
        files = pack.wheels("linux", "x86_64", (3, 12))
        for file in files:
            assert pack.copy(file, target).read_bytes() == file.name.encode()
        pack.close()
    assert len(files) == 5
    if address.endswith("natmodpack"):
        assert requests == ["/lab.natmodpack"]  # once through, not again from the beginning for each file


def test_what_a_server_cuts_off_is_asked_for_again(lab: Path, target: Path) -> None:
    with serve(lab.parent, cut={f"/lab/wheels/{WHEELS[0]}": 1}) as (url, requests):
        pack = SetupPack.open(f"{url}/lab")
        file = pack.wheels("linux", "x86_64", (3, 12))[0]
        assert pack.copy(file, target).read_bytes() == file.name.encode()
    assert requests.count(f"/lab/wheels/{WHEELS[0]}") == 2


def test_a_server_that_sends_something_else_is_not_believed(lab: Path, target: Path) -> None:
    (lab / "wheels" / WHEELS[0]).write_text("<html>log in first</html>")
    with serve(lab.parent) as (url, _requests):
        pack = SetupPack.open(f"{url}/lab")
        with pytest.raises(PackDamaged, match="it is not the file that the pack was made with"):
            pack.copy(pack.wheels("linux", "x86_64", (3, 12))[0], target)


@pytest.mark.parametrize("address", ["nothing", "nothing.natmodpack", "page.natmodpack"])
def test_a_server_without_alab_pack(tmp_path: Path, address: str) -> None:
    (tmp_path / "page.natmodpack").write_text("<html>log in first</html>" * 100)
    with serve(tmp_path) as (url, _requests), pytest.raises(PackNotThere, match="There is no pack at http"):
        SetupPack.open(f"{url}/{address}")
