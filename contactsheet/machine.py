"""What this process may use of its machine: processors, memory, time of computing, the search for garbage."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Of mallopt, in glibc's malloc.h; 32 MiB is the most that it takes for the first.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_KEPT = 32 * 1024 * 1024


def cores() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cyclic garbage within this block.

    A run makes millions of values that live to its end, and hardly a cycle; searching them again and again took a third
    of the time of 10,000 contacts.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def keep_freed_memory() -> None:
    """From now on this process keeps what it frees, up to some megabytes, for what it needs next.

    The C library of Linux gives a picture's buffer back to the system and asks for it anew with the next picture, whose
    every page the system then clears: a seventh of a picture's time.
    """
    with suppress(ImportError, AttributeError, TypeError, OSError):  # other systems have other ways
        import ctypes

        allocation = ctypes.CDLL(None).mallopt
        allocation(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
        allocation(_M_TRIM_THRESHOLD, 2 * _LARGEST_KEPT)


@contextmanager
def last_work() -> Iterator[None]:
    """As ``uncollected``, for what a process does before it ends."""
    with uncollected():
        try:
            yield
        finally:
            # All that was made joins the oldest values unsearched; else the next few values would have it searched.
            gc.freeze()
            gc.unfreeze()


def limit_memory(most: int) -> None:
    """From now on this process may fill ``most`` bytes, where the system has such limits."""
    with suppress(ImportError, AttributeError, ValueError, OSError):  # Windows has no such limits, macOS keeps few
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))


@contextmanager
def limited_time(seconds: int) -> Iterator[None]:
    """Within this block this process may compute for ``seconds`` and is ended then; what it waits does not count.

    0: without a limit, as on a system that has none.
    """
    if seconds:
        _limit_time(seconds)
    try:
        yield
    finally:
        if seconds:
            _limit_time(None)


def _limit_time(seconds: int | None) -> None:
    with suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        limit = most if seconds is None else int(used.ru_utime + used.ru_stime) + 1 + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
