"""Pieces of work for the tests of workers: a process that does them imports this module and no other of the tests."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def lost(work: object) -> str:
    return f"lost {work}"


def lost_beside(_work: object) -> tuple[int, list[int], int]:
    return 0, [], 0


def squared_slowly_at_first(number: int) -> str:
    time.sleep(0.3 / (number + 1))
    return f"{number * number}"


def process_of(_work: object) -> str:
    return f"{os.getpid()}"


def killed_at_three(number: int) -> str:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return f"{number}"


def killed_the_first_time(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def endless_at_one(number: int) -> str:
    while number == 1:
        pass
    return f"{number}"


def asleep_at_one(number: int) -> str:
    if number == 1:
        time.sleep(3600)
    return f"{number}"


def greedy_at_one(number: int) -> str:
    if number == 1:
        hoard = [bytearray(b"x") * (64 * 2**20) for _ in range(32)]
        return f"{len(hoard)}"
    return f"{number}"


def memory_of_many_allocations(number: int) -> str:
    return f"{len(bytearray(number))}"


def wrong_at_two(number: int) -> str:
    if number == 2:
        raise ValueError("two is wrong")
    return f"{number}"


def beside(common: list[int], number: int) -> tuple[int, list[int], int]:
    return os.getpid(), [*common, number], id(common)


def unsendable(_number: int) -> str:
    return lambda: ""  # type: ignore[return-value]  # what cannot travel


def too_late(_number: int) -> str:
    raise TimeoutError


def noted(place: Path) -> str:
    """The name of a file to which each call adds a letter."""
    with place.open("a") as stream:
        stream.write("x")
    return place.name


def get_ready() -> None:
    """Leaves a mark in the process that it is called in."""
    os.environ["READY"] = "ready"


def is_ready(_piece: int) -> str:
    """Whether the mark is there."""
    return os.environ.get("READY", "")
