#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Set Natmod Studio up in ``.venv`` and start it. Needs nothing but Python 3.11 or newer.

    python3 studio.py                    set up, then open the window; without a display: build a module and run it
    python3 studio.py VERB ...           set up, then ``natmod VERB ...`` (try: python3 studio.py --help)
    python3 studio.py test [ARGS]        set up, then run every check and test (with ARGS: only pytest ARGS)
    python3 studio.py campaign NAME      fault injection; [--count N] [--seed S]
    python3 studio.py messages           refresh the catalogues of sentences
    python3 studio.py third-party        refresh THIRD_PARTY.md
    python3 studio.py catalog FILES      refresh the catalogue of toolchains from ESP-IDF's tools.json files

Before any of these: ``--from PACK`` sets up from a .natmodpack file, a folder or an address, without the internet;
``--portable`` keeps all data beside this file, in ``natmod-data``, from then on.

Written so that old Pythons, back to 2.7, can read this file and say what is missing: no f-strings, no annotations.
"""

from __future__ import print_function

import os
import sys

NEEDED = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
#: Verbs for people who change Natmod Studio: module to run, in the checkout, with the test dependencies.
DEVELOPER_VERBS = {
    "test": "tests.tools.check",
    "campaign": "tests.campaigns",
    "catalog": "tests.tools.catalog",
    "messages": "tests.tools.messages",
    "third-party": "tests.tools.third_party",
    "screenshots": "tests.tools.screenshots",
}
_PROXY_VARIABLES = ("PIP_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


class Stop(Exception):
    """Set-up cannot go on; the text says what is wrong and what to do next."""


class Machine(object):
    """What is asked of the computer; tests pass another one."""

    def __init__(self):
        self.version = tuple(sys.version_info[:2])
        self.platform = sys.platform
        self.bits = 64 if sys.maxsize > 2**32 else 32
        self.executable = sys.executable or "python3"
        self.environ = os.environ
        #: What the running Python was built for (``win-arm64``), whatever computer it runs on.
        self.build = __import__("sysconfig").get_platform() if self.platform == "win32" else ""
        self.processor = __import__("platform").machine()

    def has_venv(self):
        """Whether this Python can make environments with pip in them (Debian cuts ``ensurepip`` out)."""
        import importlib.util

        importlib.invalidate_caches()
        return importlib.util.find_spec("ensurepip") is not None

    def is_root(self):
        """Whether programs of the system may be installed without a password."""
        return hasattr(os, "geteuid") and os.geteuid() == 0

    def has_display(self):
        """Whether there is something to open a window on."""
        there = self.environ.get("DISPLAY") or self.environ.get("WAYLAND_DISPLAY")
        return self.platform in ("win32", "darwin") or bool(there)

    def which(self, program):
        """The full path of a program, or None."""
        import shutil

        return shutil.which(program, path=self.environ.get("PATH"))

    def works(self, program):
        """Whether a program is there and runs (pyenv puts shims on PATH that do not)."""
        import subprocess

        try:
            with open(os.devnull, "r+") as nowhere:
                return subprocess.call([program, "--version"], stdin=nowhere, stdout=nowhere, stderr=nowhere) == 0
        except EnvironmentError:
            return False

    def run(self, argv, **more):
        """Run a program silently; its exit code and what it printed."""
        import subprocess

        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=-1, stderr=subprocess.STDOUT, check=False, **more)
        return done.returncode, done.stdout.decode("utf-8", "replace")


def _(msgid):
    """The sentence in the person's language, where the catalogue has it."""
    import gettext

    folder = os.path.join(ROOT, "resources", "locale")
    try:
        from toolchains.host_languages import for_setting_up

        languages = for_setting_up(sys.argv, os.listdir(folder))
    except (ImportError, SyntaxError, EnvironmentError):  # studio.py alone, or a Python too old to read the rest
        languages = None
    return gettext.translation("natmod", folder, languages, fallback=True).gettext(msgid)


def say(sentence, **fields):
    """Print a line at once, even into a pipe."""
    print(sentence.format(**fields))
    sys.stdout.flush()


# --- can this Python do it? ------------------------------------------------------------------------------------------


def problem_of(machine):
    """Why Natmod Studio cannot run on this Python and what to do; None when it can."""
    windows = machine.platform == "win32"
    if machine.version < NEEDED:
        return old_python(machine, windows)
    if windows and "\\windowsapps\\" in machine.executable.lower():
        return _(
            "This Python comes from the Microsoft Store and hides the files it writes from other programs: install"
            " Python 3.11 or newer from python.org (64-bit), open a new window, then type: py studio.py"
        )
    if machine.build == "win-arm64":
        return _(
            "Windows on Arm is not supported with Python for Arm: install the Windows installer (64-bit) from"
            " python.org, which Windows runs as it is, then type: py studio.py"
        )
    if machine.bits == 32:
        return _(
            "This Python is a 32-bit one and the compilers need 64 bits: install the 64-bit Python 3.11 or newer from"
            " python.org, then start studio.py with that."
        )


def old_python(machine, windows):
    """The sentence for a Python that is too old, naming a newer one if there is one."""
    have = "%d.%d" % machine.version
    newer = [name for name in ("python3.13", "python3.12", "python3.11", "python3.14") if machine.works(name)]
    if newer:
        sentence = _("Natmod Studio needs Python 3.11 or newer, this is Python {have}: type {newer} studio.py instead.")
        return sentence.format(have=have, newer=newer[0])
    sentence = _(
        "Natmod Studio needs Python 3.11 or newer, this is Python {have}: install a newer one from python.org"
        " (or with your system's package manager), then type: {start}"
    )
    return sentence.format(have=have, start="py studio.py" if windows else "python3 studio.py")


def need_venv(machine):
    """Have ``venv`` and ``ensurepip``: installed where that is allowed, else :class:`Stop` with the line to type."""
    if machine.has_venv():
        return
    package = "python%d.%d-venv" % machine.version
    line = "apt-get install -y --no-install-recommends " + package
    if not machine.which("apt-get"):
        sentence = _("This Python lacks the modules venv and ensurepip: install them ({package}), then start again.")
        raise Stop(sentence.format(package=package))
    if not machine.is_root():
        sentence = _("This Python lacks the module venv: type {line} (about 3 MB), then start again.")
        raise Stop(sentence.format(line="sudo " + line))
    say(_("This Python lacks the module venv: installing {package} with apt (about 3 MB)."), package=package)
    for argv in (line.split(), ["apt-get", "update"], line.split()):
        said = machine.run(argv, env=dict(machine.environ, DEBIAN_FRONTEND="noninteractive"))[1]
        if machine.has_venv():
            return
    sentence = _("apt could not install {package} (its last words: {words}): type {line}, then start again.")
    raise Stop(sentence.format(package=package, words=(said.splitlines() or ["?"])[-1].strip(), line=line))


# --- the environment -------------------------------------------------------------------------------------------------


class Environment(object):
    """``.venv`` in the checkout. A stamp, written last, says what is installed; without one nothing counts."""

    def __init__(self, root, machine, begun):
        self.root = root
        self.machine = machine
        self.begun = begun
        self.folder = os.path.join(root, ".venv")
        windows = machine.platform == "win32"
        self.python = os.path.join(self.folder, *(("Scripts", "python.exe") if windows else ("bin", "python")))

    def wanted(self):
        """The stamp of a finished set-up: this Python, this folder, this ``pyproject.toml``."""
        with open(os.path.join(self.root, "pyproject.toml"), "rb") as file:
            return ("%d.%d %s\n" % (self.machine.version + (self.root,))).encode("utf-8") + file.read()

    def stamp(self, group):
        """Where the stamp of a group of packages is: ``main``, ``gui``, ``test``. ``window``: it can be opened."""
        return os.path.join(self.folder, "natmod-%s.stamp" % group)

    def found(self, group):
        """The stamp that is there; empty when there is none."""
        try:
            with open(self.stamp(group), "rb") as file:
                return file.read() if os.path.exists(self.python) else b""
        except OSError:
            return b""

    def has(self, group):
        """Whether the group is installed as it is wanted now."""
        return self.found(group) == self.wanted()

    def set_up(self, *groups):
        """Install what is missing of ``main`` and of these groups. Only one process does it; a second one waits."""
        from toolchains.setting_up import test_requirements, wait_for

        if all(self.has(group) for group in ("main",) + groups):
            return
        with open(os.path.join(self.root, ".venv.lock"), "a") as file:
            wait_for(file, lambda: say(_("Another window is setting Natmod Studio up: waiting for it.")))
            try:
                if not self.has("main"):
                    self.install_main()
                if "gui" in groups and not self.has("gui"):
                    self.install("gui", ["--editable", self.root + "[gui]"])
                if "test" in groups and not self.has("test"):
                    self.install("test", test_requirements(self.root))
            finally:
                self.begun.packages.close()

    def natmod(self, words):
        """The command line for a verb. -P: a types.py in the person's folder must not stand in for Python's own."""
        return [self.python, "-P", "-m", "ide.cli"] + words

    def install_main(self):
        """Make ``.venv`` if it is not sound, and install the project into it."""
        pip = None if self.machine.has_venv() else self.begun.packages.pip()
        if pip is None:
            need_venv(self.machine)
        say(_("Setting up Natmod Studio in {folder} (once)."), folder=self.folder)
        # With the same Python in the same place, pip only changes what has changed.
        if self.found("main").partition(b"\n")[0] != self.wanted().partition(b"\n")[0]:
            base = getattr(sys, "_base_executable", None) or self.machine.executable
            without = ["--without-pip"] * (pip is not None)
            code, said = self.machine.run([base, "-I", "-m", "venv", "--clear"] + without + [self.folder])
            if code:
                raise Stop(explain(said, self.machine.environ))
            if pip is not None:
                self.pip([pip], "main", ["pip"])
        self.install("main", ["--editable", self.root])

    def install(self, group, packages):
        """Run pip, then write the stamp. The old stamp goes first, so that an interruption is noticed."""
        if os.path.exists(self.stamp(group)):
            os.remove(self.stamp(group))
        self.begun.packages.announce(group)
        self.pip(["-m", "pip"], group, packages)
        self.write_stamp(group)

    def pip(self, pip, group, packages):
        """Install packages from the first place that has them; :class:`Stop` where none has."""
        from toolchains.setting_up import run_pip

        for options in self.begun.packages.ways(group):
            code, said = run_pip([self.python, "-I"] + pip, options + packages, say)
            if not code:
                return
        raise Stop(self.begun.packages.lacks(said) or explain(said, self.machine.environ))

    def write_stamp(self, group):
        """From now on the group counts as installed."""
        with open(self.stamp(group) + ".new", "wb") as file:
            file.write(self.wanted())
        os.rename(self.stamp(group) + ".new", self.stamp(group))


def explain(said, environ):
    """One sentence for why pip or venv failed, from what it printed."""

    def has(*words):
        return any(word.lower() in said.lower() for word in words)

    if has("No space left", "not enough space", "Disk quota exceeded"):
        return _("The disk is full: free about 600 MB, then start again.")
    if has("ProxyError", "proxy URL", "Tunnel connection failed", "Proxy Authentication"):
        sentence = _("The proxy {proxy} lets nothing through: correct HTTPS_PROXY or pip's proxy, then start again.")
        return sentence.format(proxy=proxy_of(environ))
    if has("CERTIFICATE_VERIFY_FAILED", "SSLError", "TLS CA certificate"):
        return _(
            "Python does not trust the package index's certificate: ask for your network's certificate file, set"
            " PIP_CERT to it, then start again."
        )
    if has("connection broken", "Max retries", "timed out", "getaddrinfo", "name resolution"):
        return _(
            "The package index cannot be reached: connect this computer to the network (behind a proxy, set"
            " HTTPS_PROXY), then start again."
        )
    if has("Permission denied", "Errno 13", "Read-only file system", "Access is denied"):
        sentence = _("{folder} cannot be written: copy Natmod Studio to a folder of your own, then start it there.")
        return sentence.format(folder=ROOT)
    if has("lib64") and has("Operation not permitted", "Errno 1]"):
        sentence = _(
            "The disk of {folder} cannot hold links, which Python needs on Linux: use a disk with ext4 or NTFS."
        )
        return sentence.format(folder=ROOT)
    words = [line.strip()[7:] for line in said.splitlines() if line.strip().startswith("ERROR: ")]
    sentence = _("Setting up failed: {words}; correct that, then start again.")
    return sentence.format(words=(words or said.strip().splitlines() or ["?"])[-1])


def proxy_of(environ):
    """The proxy's address without user name and password."""
    for name in _PROXY_VARIABLES:
        if environ.get(name):
            return "".join(environ[name].rpartition("://")[:2]) + environ[name].rpartition("://")[2].rpartition("@")[2]
    return ""


# --- handing over ----------------------------------------------------------------------------------------------------


def hand_over(argv, platform):
    """Become the program; on Windows, run it and wait: its exit code."""
    from toolchains import setting_up

    return setting_up.hand_over(argv, platform)


def own_console():
    """Whether the console window closes with us (a double click on Windows)."""
    try:
        from toolchains import setting_up
    except (ImportError, SyntaxError):  # as in _()
        return False
    return setting_up.own_console()


def start(args, machine):
    """Check, set up, hand over; the exit code, where there is anything to return to."""
    problem = problem_of(machine)
    if problem:
        raise Stop(problem)
    from toolchains.first_start import StudioError, begin

    try:
        begun = begin(args, machine, ROOT, say)
        argv = prepare(begun, Environment(ROOT, machine, begun))
    except StudioError as error:
        problem = str(error)
    if problem:
        raise Stop(problem)
    return hand_over(argv, machine.platform)


def prepare(begun, environment):
    """Install what is needed; the command line to become."""
    from toolchains.setting_up import get_gui, window_opens

    args = begun.args
    verb = args[0] if args else ""
    environment.set_up(*["test"] * (verb in DEVELOPER_VERBS))
    begun.settle(environment.python)
    if verb in DEVELOPER_VERBS:
        get_gui(environment, [], say, Stop)
        os.chdir(ROOT)
        return [environment.python, "-m", DEVELOPER_VERBS[verb]] + args[1:]
    alone = len(args) == (2 if args[:1] == ["--lang"] else len([word for word in args if word.startswith("--lang=")]))
    words = ["demo"] * alone
    if alone and environment.machine.has_display() and window_opens(environment, args, say, Stop):
        if not args:
            return [environment.python, "-P", "-m", "ide.app"]
        words = ["window"]
    return environment.natmod(args + words)


def main(args, machine=None):
    """The exit code; one sentence on stderr when something is in the way."""
    try:
        code = start(args, machine or Machine())
    except (Stop, EnvironmentError) as error:
        print(error if isinstance(error, Stop) else explain(str(error), os.environ), file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print(_("Stopped; the next start sets up what is missing."), file=sys.stderr)
        code = 130
    if own_console():
        say(_("Press Enter to close this window."))
        sys.stdin.readline()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
