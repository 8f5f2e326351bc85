"""A child that never outlives us, not even when we are killed: one way per operating system.

Linux: the kernel sends SIGKILL to the child when its parent dies (``prctl(PR_SET_PDEATHSIG)``). Windows: both are in a
job object that ends with our last handle. Elsewhere a shell stands between and ends the child at the end of its
standard input, of which we hold the other side. :meth:`toolchains.host.Host.popen` is the only user.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Callable, Sequence

#: <sys/prctl.h>
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9  # Windows has no name for it

#: The child runs behind the shell; the second background job waits for the end of our side of the pipe.
_GUARD = (
    'exec 3<&0 </dev/null; "$@" 3<&- & child=$!; (cat <&3 >/dev/null; kill -9 $child) 2>/dev/null & guard=$!; '
    "exec 3<&-; wait $child; code=$?; kill -9 $guard 2>/dev/null; exit $code"
)


def guarded(argv: Sequence[str]) -> list[str]:
    """The argv that runs ``argv`` until it ends or until the end of standard input, which must be a pipe from us."""
    return ["/bin/sh", "-c", _GUARD, "sh", *argv]


@functools.cache
def _prctl() -> Callable[[int, int], int]:
    call = ctypes.CDLL(None, use_errno=True).prctl
    call.argtypes = (ctypes.c_int, ctypes.c_ulong)
    return call


def prepare_child() -> Callable[[], None]:
    """What a Linux child does between fork and exec; to be called in a program with one thread.

    The death signal follows the *thread* that forked, hence "one thread" (``man 2 PR_SET_PDEATHSIG``).
    """
    parent = os.getpid()
    prctl = _prctl()

    def between_fork_and_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, _SIGKILL)
        if os.getppid() != parent:  # the parent died before the line above took hold
            os._exit(1)

    return between_fork_and_exec


if sys.platform == "win32":
    from ctypes import wintypes

    _KILL_ON_JOB_CLOSE = 0x2000
    _EXTENDED_LIMIT_INFORMATION = 9

    class _BasicLimits(ctypes.Structure):
        _fields_ = (
            ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
            ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        )

    class _ExtendedLimits(ctypes.Structure):
        _fields_ = (
            ("BasicLimitInformation", _BasicLimits),
            ("IoInfo", ctypes.c_ulonglong * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        )

    @functools.cache
    def _job() -> int:
        """The job object of this process; its handle is never closed, so that Windows closes it when we die."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        job = kernel.CreateJobObjectW(None, None)
        limits = _ExtendedLimits()
        limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
        if not job or not kernel.SetInformationJobObject(
            wintypes.HANDLE(job), _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
        ):
            raise ctypes.WinError(ctypes.get_last_error())
        return int(job)

    def join_job(process_handle: int) -> None:
        """Put a child that was just started into our job object, so that it ends with us."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if not kernel.AssignProcessToJobObject(wintypes.HANDLE(_job()), wintypes.HANDLE(process_handle)):
            raise ctypes.WinError(ctypes.get_last_error())
