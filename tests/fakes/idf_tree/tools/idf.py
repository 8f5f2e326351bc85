"""Stands in for ESP-IDF's idf.py: the same arguments; real CMake, real ninja. What it was called with is kept."""

import json
import os
import subprocess
import sys
from pathlib import Path

PREFIX = {"esp32": "xtensa-esp32-elf-", "esp32s2": "xtensa-esp32s2-elf-", "esp32s3": "xtensa-esp32s3-elf-"}


def arguments(words):
    """The values, the build folder, and the actions."""
    given, build, actions = {}, "build", []
    while words:
        word = words.pop(0)
        if word == "-D":
            key, _equals, value = words.pop(0).partition("=")
            given[key] = value
        elif word == "-B":
            build = words.pop(0)
        else:
            actions.append(word)
    return given, Path(build), actions


def cached(build):
    """What CMake was told before."""
    file = build / "CMakeCache.txt"
    rows = [line.partition("=") for line in file.read_text().splitlines()] if file.is_file() else []
    return {name.partition(":")[0]: value for name, _equals, value in rows}


def main():
    """Configure what was not, build."""
    idf = Path(os.environ["IDF_PATH"])
    with (idf / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps({"argv": sys.argv, "cwd": os.getcwd()}) + "\n")
    given, build, actions = arguments(sys.argv[1:])
    assert actions == ["build"], actions
    build.mkdir(exist_ok=True)
    before = cached(build)
    if not before or any(before.get(key) != value for key, value in given.items()):
        words = [f"-D{key}={value}" for key, value in given.items()]
        plain = ["-DPYTHON=" + sys.executable, f"-DCMAKE_TOOLCHAIN_FILE={idf}/tools/cmake/toolchain.cmake"]
        code = subprocess.call(["cmake", "-G", "Ninja", *plain, *words, os.getcwd()], cwd=build)
        if code:
            (build / "CMakeCache.txt").unlink(missing_ok=True)
            sys.exit("cmake failed with exit code 1")
    if subprocess.call(["ninja"], cwd=build):
        sys.stdout.write("ninja failed with exit code 1" + "\n")
        sys.exit(2)
    sys.stdout.write("Project build complete." + "\n")


main()
