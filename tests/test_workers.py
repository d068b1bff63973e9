"""Work is done in its order, whatever happens to the processes that do it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contactsheet.workers import WorkError, Workers
from tests.conftest import PROJECT

posix = pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX systems")
limits = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce limits of memory")

GIBIBYTE = 2**30


def lost(work: object) -> str:
    return f"lost {work}"


# --- tasks: they have to be found by the processes, so they stand at the module's top ---------------------------------


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


def noted(work: tuple[Path, int]) -> str:
    (work[0] / f"{work[1]}").touch()
    return ""


# --- order, and which process -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [0, 1, 2, 3])
def test_results_come_in_the_order_of_the_work_whoever_was_faster(jobs: int) -> None:
    with Workers(jobs) as workers:
        results = workers.map(squared_slowly_at_first, range(12), apart=True, on_death=lost)
        assert list(results) == [f"{number * number}" for number in range(12)]


def test_work_that_is_not_to_be_apart_is_done_in_this_process() -> None:
    with Workers(2) as workers:
        assert set(workers.map(process_of, range(4), apart=False, on_death=lost)) == {f"{os.getpid()}"}


def test_even_one_job_is_a_process_of_its_own_for_work_that_is_to_be_apart() -> None:
    with Workers(1) as workers:
        done_by = set(workers.map(process_of, range(4), apart=True, on_death=lost))
    assert len(done_by) == 1
    assert f"{os.getpid()}" not in done_by


def test_processes_stay_for_the_next_work() -> None:
    with Workers(1) as workers:
        rounds = [list(workers.map(process_of, [0], apart=True, on_death=lost)) for _ in range(3)]
    assert rounds[0] == rounds[1] == rounds[2]


def test_no_work_starts_no_process() -> None:
    with Workers(2) as workers:
        assert list(workers.map(process_of, [], apart=True, on_death=lost)) == []
        assert not workers._staff._all


def test_only_a_few_pieces_are_taken_ahead_of_what_is_asked_for() -> None:
    taken = 0

    def work() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    with Workers(2) as workers:
        results = workers.map(process_of, work(), apart=True, on_death=lost)
        for _ in range(3):
            next(results)
        assert taken <= 3 + 2 * 3


def test_a_round_that_is_left_early_does_not_disturb_the_next() -> None:
    with Workers(2) as workers:
        first = workers.map(squared_slowly_at_first, range(100), apart=True, on_death=lost)
        assert next(first) == "0"
        del first
        results = list(workers.map(squared_slowly_at_first, range(5, 9), apart=True, on_death=lost))
    assert results == ["25", "36", "49", "64"]


@pytest.mark.parametrize("size", [100, 1_000_000, 20_000_000])
def test_pieces_and_results_of_any_size_pass(size: int) -> None:
    with Workers(2) as workers:
        pieces = [bytes([number]) * size for number in range(5)]
        assert list(workers.map(bytes.upper, pieces, apart=True, on_death=lambda piece: piece)) == pieces


# --- what goes wrong --------------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_process_that_is_killed_takes_only_its_piece_down(jobs: int) -> None:
    with Workers(jobs) as workers:
        results = list(workers.map(killed_at_three, range(9), apart=True, on_death=lost))
    assert results == ["0", "1", "2", "lost 3", "4", "5", "6", "7", "8"]


@posix
def test_work_whose_process_was_killed_from_outside_is_tried_once_more(tmp_path: Path) -> None:
    with Workers(2) as workers:
        assert list(workers.map(killed_the_first_time, [tmp_path / "mark"], apart=True, on_death=lost)) == ["done"]


@posix
def test_a_process_that_was_killed_while_it_had_nothing_to_do_is_replaced() -> None:
    with Workers(1) as workers:
        (process,) = workers.map(process_of, [0], apart=True, on_death=lost)
        os.kill(int(process), signal.SIGKILL)
        (other,) = workers.map(process_of, [0], apart=True, on_death=lost)
    assert other not in (process, "lost 0")


@posix
def test_a_piece_that_never_ends_is_ended_by_its_time_of_computing() -> None:
    began = time.monotonic()
    with Workers(2) as workers:
        results = list(workers.map(endless_at_one, range(4), apart=True, on_death=lost, seconds=1))
    assert results == ["0", "lost 1", "2", "3"]
    assert time.monotonic() - began < 20


def test_a_piece_that_waits_for_ever_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactsheet.workers._SLOW", 1)
    with Workers(2) as workers:
        results = list(workers.map(asleep_at_one, range(4), apart=True, on_death=lost, seconds=2))
    assert results == ["0", "lost 1", "2", "3"]


def test_each_piece_has_the_whole_time_for_itself() -> None:
    with Workers(1) as workers:
        results = list(workers.map(squared_slowly_at_first, [0] * 5, apart=True, on_death=lost, seconds=1))
    assert results == ["0"] * 5


@limits
def test_a_piece_that_takes_too_much_memory_is_lost_and_no_other() -> None:
    with Workers(2) as workers:
        results = list(workers.map(greedy_at_one, range(4), apart=True, on_death=lost))
    assert results == ["0", "lost 1", "2", "3"]


@limits
def test_memory_that_was_given_back_can_be_taken_again() -> None:
    with Workers(1) as workers:
        pieces = [GIBIBYTE // 2] * 4
        results = list(workers.map(memory_of_many_allocations, pieces, apart=True, on_death=lost))
    assert results == [f"{GIBIBYTE // 2}"] * 4


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_in_another_process_is_told_with_its_traceback(jobs: int) -> None:
    with Workers(jobs) as workers:
        with pytest.raises(WorkError, match=r"(?s)wrong_at_two.*ValueError: two is wrong"):
            list(workers.map(wrong_at_two, range(9), apart=True, on_death=lost))
        assert list(workers.map(wrong_at_two, [5], apart=True, on_death=lost)) == ["5"], "work goes on"


# --- the end ----------------------------------------------------------------------------------------------------------

_SLEEPERS = """
import sys
from contactsheet.workers import Workers
from tests.test_workers import asleep_at_one, lost
if __name__ == "__main__":
    with Workers(2) as workers:
        for _ in workers.map(asleep_at_one, [0, 1, 1], apart=True, on_death=lost):
            print("working", flush=True)
"""


@posix
@pytest.mark.parametrize(
    ("name", "to_all"),
    [("SIGINT", True), ("SIGTERM", True), ("SIGINT", False), ("SIGTERM", False), ("SIGKILL", False)],
    ids=lambda one: {True: "to the whole group, as a terminal does", False: "to the parent alone"}.get(one, one),
)
def test_no_process_outlives_its_parent(tmp_path: Path, name: str, to_all: bool) -> None:
    number = signal.Signals[name]
    script = tmp_path / "sleepers.py"
    script.write_text(_SLEEPERS)
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout
    assert parent.stdout.readline() == "working\n"
    (os.killpg if to_all else os.kill)(parent.pid, number)
    _, talk = parent.communicate(timeout=20)
    assert talk.count("Traceback") <= 1, "the parent's own, since nothing here catches it"
    until = time.monotonic() + 20
    while group_lives(parent.pid):
        assert time.monotonic() < until, "a process is left"
        time.sleep(0.02)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
