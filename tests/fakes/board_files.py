"""A board's filesystem without a board: carries out plans of ``ide.board.file_session``, and breaks off where told."""

from __future__ import annotations

import hashlib
from typing import Any

from ide.board.file_session import Plan, Refused, Session
from toolchains.jobs import JobContext


class CableOut(Exception):
    """The board was unplugged."""


class BoardFiles:
    """``files``: content by absolute path. ``fat``: a rename removes the old file first, in a step of its own."""

    def __init__(self, files: dict[str, bytes] | None = None, *, fat: bool = False, home: str = "/") -> None:
        self.files = dict(files or {})
        self.folders: set[str] = {p[: i or 1] for p in self.files for i, c in enumerate(p) if c == "/"} | {"/"}
        self.fat = fat
        self.home = home
        self.folders.add(home)
        self.steps_left = -1
        self.wrote: list[str] = []

    def step(self) -> None:
        """One change of the flash; the last one that was allowed is followed by the end."""
        if self.steps_left == 0:
            raise CableOut
        self.steps_left -= 1

    def run(self, plan_of: Any, cut_after: int = -1) -> bool:
        """Carry out ``plan_of(session)``; False if it was cut off after that many changes."""
        self.steps_left = cut_after
        self.session = Session(JobContext())
        plan: Plan = plan_of(self.session)
        try:
            self._talk(plan)
        except CableOut:
            plan.close()
            return False
        return True

    def _talk(self, plan: Plan) -> None:
        names = {name: getattr(self, f"do_{name}") for name in "hwbdmcvzskg"}
        answer: object = None
        refusal: Refused | None = None
        while True:
            try:
                expression = plan.throw(refusal) if refusal else plan.send(answer)
            except StopIteration:
                return
            try:
                answer, refusal = eval(expression, names), None
            except FileNotFoundError:
                refusal = Refused(2)

    # what resources/board/files.py offers

    def do_h(self, path: str) -> tuple[int, str] | None:
        data = self.files.get(path)
        return None if data is None else (len(data), hashlib.sha256(data).hexdigest())

    def do_w(self, path: str) -> tuple[int, str] | None:
        assert path.rpartition("/")[0] in self.folders | {""}
        self.step()
        self.files[path] = self.session.upload[: len(self.session.upload) // 2]  # half of it, if this is the end
        self.step()
        self.files[path] = self.session.upload
        return self.do_h(path)

    def do_b(self, path: str) -> None:
        if path not in self.files:
            raise FileNotFoundError(path)
        self.session.download += self.files[path]

    def do_d(self, path: str) -> None:
        parts = path.strip("/").split("/")
        for n in range(1, len(parts) + 1):
            if "/" + "/".join(parts[:n]) not in self.folders:
                self.step()
                self.folders.add("/" + "/".join(parts[:n]))

    def do_m(self, folder: str, old: str, new: str) -> None:
        prefix = folder.rstrip("/") + "/"
        self.step()
        if self.fat and prefix + new in self.files:
            del self.files[prefix + new]
            self.step()
        self.files[prefix + new] = self.files.pop(prefix + old)
        self.wrote.append(prefix + new)

    def do_c(self, folder: str, prefix: str) -> None:
        for path in [p for p in self.files if p.startswith(folder.rstrip("/") + "/" + prefix)]:
            self.step()
            del self.files[path]

    def do_v(self, path: str) -> tuple[int, int]:
        return 512, 10_000

    def do_z(self, path: str) -> None:
        if path not in self.files:
            raise FileNotFoundError(path)
        self.step()
        del self.files[path]

    def do_g(self) -> str:
        return self.home

    def do_s(self, path: str) -> bool:
        return path in self.folders

    def do_k(self, path: str) -> None:
        if path in self.folders and not any(p.startswith(path + "/") for p in (*self.files, *self.folders)):
            self.step()
            self.folders.discard(path)
