"""A language server as a child process that may be slow, die, hang or talk rubbish, while nobody who types waits.

No Qt. One thread, the keeper, starts the child and decides when it has had enough; others read and write. What the
server says waits in a bounded outbox until :meth:`Server.drain` is called, on whichever one thread asks.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ide.editor.lsp.rpc import Framer, Message, Rubbish, encode
from ide.editor.lsp.words import (
    GOODBYE_S,
    Answered,
    Document,
    Event,
    Launch,
    Notified,
    State,
    StateChanged,
    Then,
    changed,
    greeting,
    notification,
    opened,
)
from toolchains.host import Host

#: A child that lived as long as this starts with a clean record.
_LIVED_S = 60.0
#: So many requests in a row without an answer, and the child is ended.
_SILENT = 3
#: More that waits to be written means that the child does not read.
_MOST_WAITING = 2000
#: More that waits to be pulled is dropped, oldest first.
_MOST_EVENTS = 2000


@dataclass
class Ticket:
    """A question that was asked. ``then`` is not called after :meth:`cancel`."""

    number: int
    then: Then | None
    deadline: float
    sent: bool = False
    server: Server | None = None

    def cancel(self) -> None:
        """The answer is not wanted any more."""
        self.then = None
        if self.server is not None:
            self.server._cancel(self)


class Server:
    """One server. ``ring`` is called, from any thread, when there is something to drain.

    Documents are kept here as they were told last, so that a child that replaces a dead one knows them.
    """

    def __init__(self, launch: Launch, host: Host, ring: Callable[[], None]) -> None:
        self.launch = launch
        self._host, self._ring = host, ring
        self._lock = threading.Condition()
        self._numbers = itertools.count(1)
        self._documents: dict[str, Document] = {}
        self._outgoing: deque[Message | str] = deque()
        self._asked: dict[int, Ticket] = {}
        self._events: deque[Event | Answered] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._generation = 0
        self._silent = 0
        self._ended = ""
        self._stopping = False
        self.state: State = "off"
        self.capabilities: Mapping[str, Any] = {}

    # --- from outside ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it, in its own thread; one that runs is left alone."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._stopping = False
            self._put(StateChanged("starting"))
            self.state = "starting"
            self._thread = threading.Thread(target=self._keep, name=f"{self.launch.name} keeper", daemon=True)
            self._thread.start()

    def end_soon(self) -> None:
        """Begin to end it, without waiting. Whoever still waits for an answer gets none."""
        with self._lock:
            self._stopping = True
            for ticket in self._asked.values():
                ticket.then = None
            self._lock.notify_all()

    def stop(self, wait_s: float = 5.0) -> None:
        """End it, and wait for that."""
        self.end_soon()
        thread = self._thread
        if thread is not None:
            thread.join(wait_s)
        with self._lock:
            self._thread = None
            self.state = "off"
            self._events.clear()

    def open(self, uri: str, language: str, text: str) -> None:
        """A document is open, with this text."""
        with self._lock:
            self._documents[uri] = Document(language, 1, text)
            if self.state == "ready":
                self._send(opened(uri, self._documents[uri]))

    def change(self, uri: str, text: str, *, anew: bool = False) -> int:
        """The document's whole text is another one, or what it includes is (``anew``); its version now."""
        with self._lock:
            document = self._documents[uri]
            document.version += 1
            document.text, document.anew = text, document.anew or anew
            if self.state == "ready" and not (self._outgoing and self._outgoing[-1] == uri):
                self._send(uri)
            return document.version

    def close(self, uri: str) -> None:
        """The document is not open any more."""
        with self._lock:
            if self._documents.pop(uri, None) is not None and self.state == "ready":
                self._send(notification("textDocument/didClose", {"textDocument": {"uri": uri}}))

    def notify(self, method: str, params: Any) -> None:  # noqa: ANN401 - JSON
        """Tell it something, if it is there."""
        with self._lock:
            if self.state == "ready":
                self._send(notification(method, params))

    def request(self, method: str, params: Any, then: Then, seconds: float | None = None) -> Ticket:  # noqa: ANN401
        """Ask. ``then(result)`` is called by :meth:`drain`: None for an error, no answer in time, or a dead server."""
        with self._lock:
            number = next(self._numbers)
            ticket = Ticket(number, then, time.monotonic() + (seconds or self.launch.request_s), server=self)
            if self.state != "ready":
                self._put(Answered(then, None))
                return ticket
            self._asked[number] = ticket
            self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            return ticket

    @property
    def pid(self) -> int | None:
        """The child's process id, for measuring."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def drain(self) -> list[Event]:
        """What happened since the last call, in order; answers go to whoever asked."""
        with self._lock:
            taken, self._events = list(self._events), deque()
        told: list[Event] = []
        for event in taken:
            if isinstance(event, Answered):
                event.then(event.result)
            else:
                told.append(event)
        return told

    # --- inside; the lock is held ------------------------------------------------------------------------------------

    def _send(self, message: Message | str) -> None:
        if len(self._outgoing) >= _MOST_WAITING:
            self._ended = "it does not read"
        else:
            self._outgoing.append(message)
        self._lock.notify_all()

    def _put(self, event: Event | Answered) -> None:
        empty = not self._events
        self._events.append(event)
        while len(self._events) > _MOST_EVENTS:
            self._events.popleft()
        if empty:
            self._ring()

    def _become(self, state: State, why: str = "") -> None:
        self.state = state
        self._put(StateChanged(state, why))

    def _cancel(self, ticket: Ticket) -> None:
        with self._lock:
            if self._asked.pop(ticket.number, None) is not None and self.state == "ready":
                self._send(notification("$/cancelRequest", {"id": ticket.number}))

    def _answer_all(self) -> None:
        for ticket in self._asked.values():
            if ticket.then is not None:
                self._put(Answered(ticket.then, None))
        self._asked.clear()

    # --- the keeper --------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        deaths = 0
        while True:
            began = time.monotonic()
            why = self._live()
            deaths = 1 if time.monotonic() - began > _LIVED_S else deaths + 1
            with self._lock:
                self._answer_all()
                self._outgoing.clear()
                if self._stopping:
                    self.state = "off"
                    return
                if deaths > len(self.launch.pauses):
                    self._become("given up", why)
                    return
                self._become("waiting", why)
                self._lock.wait_for(lambda: self._stopping, self.launch.pauses[deaths - 1])
                if self._stopping:
                    self.state = "off"
                    return
                self._become("starting")

    def _live(self) -> str:
        """One life of the child, from its start to its end; why it ended."""
        try:
            process = self._host.popen(
                self.launch.argv, cwd=self.launch.root, env=self.launch.env, stdin=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            return str(error)
        with self._lock:
            self._process, self._ended, self._silent = process, "", 0
            self._generation += 1
            generation = self._generation
        reader = threading.Thread(
            target=self._read, args=(process, generation), name=f"{self.launch.name} reader", daemon=True
        )
        writer = threading.Thread(
            target=self._write, args=(process, generation), name=f"{self.launch.name} writer", daemon=True
        )
        reader.start()
        self._greet()
        writer.start()
        why = self._watch()
        with self._lock:
            self._generation += 1
            self._lock.notify_all()
        self._host.kill_tree(process)
        process.wait()
        for thread in (reader, writer):
            thread.join()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)
        with self._lock:
            self._process = None
        return why

    def _greet(self) -> None:
        with self._lock:
            number = next(self._numbers)
            self._asked[number] = Ticket(number, None, time.monotonic() + self.launch.start_s)
            self._hello = number
            self._outgoing.clear()
            self._send({"jsonrpc": "2.0", "id": number, "method": "initialize", "params": greeting(self.launch)})

    def _watch(self) -> str:
        """Wait until the child is to end, because it did, or because of what it does."""
        with self._lock:
            while True:
                if self._stopping:
                    self._say_goodbye()
                    return "stopped"
                if self._ended:
                    return self._ended
                now = time.monotonic()
                for ticket in [one for one in self._asked.values() if one.deadline <= now]:
                    self._give_up(ticket)
                deadline = min((one.deadline for one in self._asked.values()), default=None)
                if not self._ended:
                    self._lock.wait(None if deadline is None else max(0.01, deadline - now))

    def _give_up(self, ticket: Ticket) -> None:
        del self._asked[ticket.number]
        if ticket.number == self._hello:
            self._ended = "it does not start"
            return
        self._silent += 1
        if ticket.then is not None:
            self._put(Answered(ticket.then, None))
        self._send(notification("$/cancelRequest", {"id": ticket.number}))
        if self._silent >= _SILENT:
            self._ended = "it does not answer"

    def _say_goodbye(self) -> None:
        """Let it end by itself; one that does not is ended."""
        if self.state != "ready" or self._ended:
            return
        self._outgoing.clear()
        self._send({"jsonrpc": "2.0", "id": next(self._numbers), "method": "shutdown", "params": None})
        self._send(notification("exit", None))
        self._lock.wait_for(lambda: bool(self._ended), GOODBYE_S)

    # --- the writer and the reader -----------------------------------------------------------------------------------

    def _write(self, process: subprocess.Popen[bytes], generation: int) -> None:
        assert process.stdin is not None
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._outgoing or self._generation != generation)
                if self._generation != generation:
                    return
                message = self._outgoing.popleft()
                if isinstance(message, str):
                    document = self._documents.get(message)
                    if document is None:
                        continue
                    message = changed(message, document)
            try:
                process.stdin.write(encode(message))
                process.stdin.flush()
            except (OSError, ValueError):
                self._end(generation, "it went away")
                return

    def _read(self, process: subprocess.Popen[bytes], generation: int) -> None:
        assert process.stdout is not None
        framer = Framer()
        why = "it went away"
        try:
            while data := os.read(process.stdout.fileno(), 1 << 16):
                for message in framer.feed(data):
                    self._take(message, generation)
        except Rubbish as error:
            why = f"rubbish: {error}"
        except OSError:
            pass
        self._end(generation, why)

    def _end(self, generation: int, why: str) -> None:
        with self._lock:
            if generation == self._generation and not self._ended:
                self._ended = why
                self._lock.notify_all()

    def _take(self, message: Message, generation: int) -> None:
        with self._lock:
            if generation != self._generation:
                return
            method, number = message.get("method"), message.get("id")
            if isinstance(method, str):
                if number is None:
                    self._put(Notified(method, message.get("params")))
                else:
                    self._send({"jsonrpc": "2.0", "id": number, "result": self._reply(method, message.get("params"))})
            elif isinstance(number, int):
                self._take_answer(number, message.get("result"))

    def _take_answer(self, number: int, result: Any) -> None:  # noqa: ANN401 - JSON
        ticket = self._asked.pop(number, None)
        if ticket is None:
            return
        self._silent = 0
        if number != self._hello:
            if ticket.then is not None:
                self._put(Answered(ticket.then, result))
            return
        found = result.get("capabilities") if isinstance(result, dict) else None
        self.capabilities = found if isinstance(found, dict) else {}
        self._send(notification("initialized", {}))
        for uri, document in self._documents.items():
            self._send(opened(uri, document))
        self._become("ready")

    def _reply(self, method: str, params: Any) -> Any:  # noqa: ANN401 - JSON
        if method == "workspace/configuration":
            items = params.get("items") if isinstance(params, dict) else None
            return [self.launch.configuration for _item in items] if isinstance(items, list) else []
        return None


def _close(pipe: Any) -> None:  # noqa: ANN401 - a file
    try:
        pipe.close()
    except OSError:
        return  # what could not be flushed any more
