"""QMP, the JSON language in which QEMU is told to pause, go on and reset. Bytes in, messages out; no socket here.

Source: QEMU's ``docs/interop/qmp-spec.rst``. A line is a greeting (``QMP``), an answer (``return`` or ``error``), or an
event (``STOP``, ``RESUME``, ``RESET``, ``SHUTDOWN``).
"""

from __future__ import annotations

import json

#: QEMU's own limit for a message is far above; ours only guards against a peer that is not QEMU.
_LINE_LIMIT = 1 << 16


class QmpDecoder:
    """Splits what QEMU sends into messages. Lines that are no JSON objects are dropped."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[dict[str, object]]:
        """The messages that ``data`` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LINE_LIMIT:
            self._rest = b""
        messages = []
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                messages.append(message)
        return messages


def command(name: str) -> bytes:
    """The line that asks QEMU to do ``name`` (a command without arguments)."""
    return json.dumps({"execute": name}).encode() + b"\n"
