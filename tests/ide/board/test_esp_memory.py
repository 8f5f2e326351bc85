"""Memory, storage and card of official firmware on Espressif's QEMU, where that is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ide.board import card
from ide.board.boards import Boards
from ide.board.esp_machines import ESP_CHIPS, find_qemu
from ide.board.link import Board
from ide.board.memory import heap_map, vitals
from ide.board.storage import explain, on_board
from toolchains.fetch import NetworkError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.slow


@pytest.fixture
def esp32(host: Host, warm_paths: Paths, ctx: JobContext, toolbox: Toolbox) -> Iterator[Board]:
    facts = ESP_CHIPS["esp32"]
    if find_qemu(host, warm_paths, facts) is None:
        pytest.skip(f"needs Espressif's {facts.program}, which is not here")
    with Boards(toolbox) as boards:
        try:
            board = boards.open(ctx, "sim:esp32")
        except NetworkError as error:
            pytest.skip(f"needs official firmware, and micropython.org cannot be reached: {error.what}")
        yield board


def test_official_firmware_tells_what_an_esp32_has(ctx: JobContext, esp32: Board) -> None:
    esp32.identity(ctx)
    found = vitals.ask(ctx, esp32, filesystem=True)
    assert found.exec_free is not None
    assert found.exec_largest is not None
    assert found.exec_total is not None
    assert 0 < found.exec_largest <= found.exec_free < found.exec_total
    assert found.heap_growth is not None
    heap = heap_map.take(ctx, esp32)
    assert not heap.info.truncated
    whole = card.look(ctx, esp32)
    assert {"esp32", "network", "asyncio/core"} <= set(whole.modules)
    assert whole.frequency_hz
    store = on_board.look(ctx, esp32)
    names = [part.partition.name for part in store.parts]
    assert {"nvs", "phy_init", "factory"} <= set(names)
    assert store.written is not None
    assert [part.running for part in store.parts if part.partition.is_app] == [True]
    assert explain.why(store)
