"""Errors speak: what failed, why, what to do next."""

import errno
from pathlib import Path

import pytest

from toolchains.errors import DiskError, StudioError, ToolMissing, disk_errors
from toolchains.text import _


def test_an_error_says_what_why_and_next():
    error = StudioError(_("It broke."), why=_("It was old."), next_step=_("Take a new one."), part="gear")
    assert str(error) == "It broke. It was old. Take a new one."
    assert error.fields == {"part": "gear"}


def test_a_missing_program_is_named_with_its_command_and_size():
    error = ToolMissing("make", command="sudo apt-get install make", n_bytes=400 << 10)
    assert "make" in str(error)
    assert "(400 kB)" in str(error)
    assert "sudo apt-get install make" in str(error)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EROFS, "no permission"),
        (errno.EACCES, "no permission"),
        (errno.EIO, "cannot be used"),
    ],
)
def test_a_fault_of_the_disk_becomes_a_sentence_with_the_path(number, words):
    with pytest.raises(DiskError, match=words) as caught, disk_errors(Path("/somewhere/x.mpy")):
        raise OSError(number, "fault")
    assert "x.mpy" in str(caught.value)


def test_a_long_name_of_windows_is_said_as_people_know_it():
    with pytest.raises(DiskError) as caught, disk_errors("C:\\"):
        raise OSError(28, "No space left on device", "\\\\?\\C:\\Users\\ada\\x")
    assert "write C:\\Users\\ada\\x." in str(caught.value)
