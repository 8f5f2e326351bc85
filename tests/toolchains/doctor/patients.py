"""Projects that fail, one for each cause, and the healing of them with the real compilers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.compilers import Compilers
from tests.toolchains.natmods import Builder, write_project
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.doctor import Finding, diagnose
from toolchains.doctor.treatment import Treated, treat
from toolchains.errors import StudioError
from toolchains.natmod import BuildRequest, BuildResult
from toolchains.sdk_tree import SdkTree

#: Nothing needs more looks than this: a fix may uncover the next mistake.
_MOST_LOOKS = 6


@dataclass(frozen=True)
class Sick:
    """A project that does not build: its files, the lines of ``[module]`` and of other tables, and the cause."""

    cause: str
    files: dict[str, str]
    toml: str = ""
    #: What the cured module prints for ``small.answer(40)``.
    answer: int = 42


@dataclass
class Ward:
    """A folder with a project in it, and what builds it."""

    build: Builder
    compilers: Compilers
    folder: Path
    sdk: SdkTree
    #: Trees that a project may ask for, by version.
    others: dict[str, SdkTree] = field(default_factory=dict)
    done: list[Treated] = field(default_factory=list)

    def admit(self, sick: Sick) -> None:
        """Write the project."""
        write_project(self.folder, sick.files, sick.toml)

    def attempt(self, arch_name: str, pin: str | None = None) -> BuildResult | StudioError:
        """Build; the module, or why there is none."""
        compiler = self.compilers(arch_name, pin)
        loaded = project.load(self.folder)
        sdk = self.others.get(loaded.pin_micropython or "", self.sdk)
        try:
            request = BuildRequest(loaded, arch(arch_name), sdk, compiler)
            return natmod.build(self.build.ctx, request, self.build.linkers)
        except StudioError as error:
            self.build.linkers.start(sdk)  # here, so that no test is blamed for a child that was replaced
            return error

    def look(self, error: StudioError) -> tuple[Finding, ...]:
        """What the doctor says."""
        return diagnose(error, project.load(self.folder), self.sdk)

    def heal(self, arch_name: str, pin: str | None = None) -> tuple[list[Finding], BuildResult]:
        """Build and apply what is offered until it builds; all findings, and the module."""
        found: list[Finding] = []
        for _look in range(_MOST_LOOKS):
            outcome = self.attempt(arch_name, pin)
            if isinstance(outcome, BuildResult):
                return found, outcome
            new = self.look(outcome)
            found += new
            choice = next((one.cause_id for one in new if one.choice), "")
            treated = treat(new) or treat(new, chosen_cause=choice)
            assert treated is not None, f"no fix for {outcome} {outcome.detail}: {[str(one.title) for one in new]}"
            self.done.append(treated)
        raise AssertionError("it does not get well")

    def take_back(self) -> None:
        """Undo all that was done."""
        while self.done:
            self.done.pop().undo.undo()

    def contents(self) -> dict[str, bytes]:
        """Every file of the project, but for what builds made."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and ".natmod" not in path.parts
        }
