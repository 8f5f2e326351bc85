"""A Debian whose apt is a script over a folder of small but real packages, shaped like those of GCC for Xtensa."""

from __future__ import annotations

import io
import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from toolchains.host import Host
from toolchains.providers.xtensa_data import data

_APT = r"""#!/bin/sh
# Serves the files of the folder "mirror"; "broken", "unsigned" and "skewed" (once) beside it are how it misbehaves.
here={folder}
echo "$*" >> $here/calls
for word; do case "$word" in Dir::Cache=*) cache=${{word#*=}};; esac; done
case "$*" in
*indextargets*) echo "Debian|Debian|http://mirror.example/debian"; exit;;
*" update")
    [ -f $here/unsigned ] && {{ echo "E: The repository is not signed."; exit 100; }}
    exit 0;;
*" install "*) files="$here/mirror/compiler/*"; to=$cache/archives;;
*" download "*) files="$here/mirror/sources/*"; to=.;;
*" source "*) files="$here/mirror/table/*"; to=.;;
esac
case "$*" in
*--print-uris*)
    for file in $files; do
        [ -f $file ] && echo "'http://mirror.example/x' ${{file##*/}} $(stat -c %s $file) SHA256:00"
    done
    exit 0;;
esac
[ -f $here/skewed ] && {{ rm $here/skewed; echo "E: 404 Not Found"; exit 100; }}
[ -f $here/broken ] && {{ echo "E: Hash Sum mismatch"; exit 100; }}
cp $files $to
"""
_LOADER = '#!/bin/sh\nshift 2\nexec "$@"\n'
#: Compiles to an empty file, which is no object.
_GCC = '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = -o ] && : > "$2"; shift; done\n'
_LIB = "usr/lib/x86_64-linux-gnu/"


@dataclass(frozen=True)
class FakeDebian:
    """``folder`` gets the mirror and apt; real dpkg-deb and tar are needed, and the test skips without them."""

    folder: Path

    def build(self, gcc: str = "13.3.0") -> None:
        """Make the packages, with a compiler of this version."""
        if shutil.which("dpkg-deb") is None:
            pytest.skip("dpkg-deb is needed")
        theirs = "xtensa-lx106-elf"
        inner = f"usr/lib/gcc/{theirs}/13/"
        programs = {f"usr/bin/{theirs}-{name}": _GCC for name in data()["programs"]}
        programs |= {inner + name: "#!/bin/sh\n" for name in data()["inner"]}
        programs |= {f"usr/lib/{theirs}/bin/as": "#!/bin/sh\n", _LIB + "ld-linux-x86-64.so.2": _LOADER}
        programs |= {inner + "include/stddef.h": "", inner + "libgcc.a": "!", f"usr/bin/{theirs}-gdc": ""}
        self._package("compiler", f"gcc-xtensa-lx106_{gcc}-1_amd64", programs)
        config = "libgcc/config/xtensa/"
        lists = "#define XTENSA_CONFIG_INSTANCE_LIST\n#define XTENSA_CONFIG_ENTRY_LIST 0\n"
        self._sources(
            f"gcc-{gcc.partition('.')[0]}-source_{gcc}-1_all",
            {
                config + "t-xtensa": "LIB1ASMFUNCS = _mulsi3 \\\n\t_divsi3\n",
                **dict.fromkeys((config + "lib1funcs.S", "libgcc/libgcc2.c", config + "xtensa-config-builtin.h"), ""),
                "include/xtensa-dynconfig.h": lists,
            },
        )
        libc = "newlib/libc/"
        names = [libc + "include/string.h", libc + "machine/xtensa/sys/fenv.h", "newlib/libm/math/s_sin.c"]
        names += [libc + "machine/xtensa/include/xtensa/config/core-isa.h", "include/ansidecl.h"]
        self._sources("newlib-source_4.5-1_all", dict.fromkeys(names, ""))
        table = self.folder / "mirror" / "table" / "qemu_10.0.orig.tar.xz"
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_bytes(_archive({data()["table"]: "int xtensa_modules;\n"}))

    def set(self, flag: str) -> None:
        """Make apt misbehave: ``broken``, ``unsigned``, or ``skewed`` (once)."""
        (self.folder / flag).touch()

    @property
    def calls(self) -> list[str]:
        """What apt was called with."""
        return (self.folder / "calls").read_text().splitlines()

    def host(self, real: Host) -> Host:
        """This machine, with the fake apt before the real one."""
        program = self.folder / "bin" / "apt-get"
        program.parent.mkdir(exist_ok=True)
        program.write_text(_APT.format(folder=self.folder))
        program.chmod(0o755)
        return replace(real, environ={**real.environ, "PATH": f"{program.parent}:{real.environ['PATH']}"})

    def _package(self, kind: str, name: str, files: Mapping[str, str | bytes]) -> None:
        tree = self.folder / "trees" / name
        control = f"Package: {name.partition('_')[0]}\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"
        for path, text in {**files, "DEBIAN/control": control}.items():
            file = tree / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            file.chmod(0o755)
        target = self.folder / "mirror" / kind / f"{name}.deb"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, target], check=True, capture_output=True
        )

    def _sources(self, name: str, files: Mapping[str, str]) -> None:
        self._package("sources", name, {"usr/src/it.tar.xz": _archive(files)})


def _archive(files: Mapping[str, str]) -> bytes:
    """A .tar.xz with one folder around everything."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for path, text in files.items():
            member = tarfile.TarInfo(f"it-1.0/{path}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return lzma.compress(plain.getvalue())
