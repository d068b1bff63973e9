"""Work is done in its order, whatever happens to the processes that do it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from multiprocessing import active_children
from pathlib import Path

import pytest

from contactsheet.pool import DiedError, Pool, Task, WorkError
from contactsheet.workers import Workers
from tests.conftest import PROJECT
from tests.pieces import (
    asleep_at_one,
    beside,
    endless_at_one,
    get_ready,
    greedy_at_one,
    is_ready,
    killed_at_three,
    killed_the_first_time,
    lost,
    lost_beside,
    memory_of_many_allocations,
    noted,
    process_of,
    squared_slowly_at_first,
    too_late,
    unsendable,
    wrong_at_two,
)

posix = pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX systems")
limits = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce limits of memory")

GIBIBYTE = 2**30


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


def test_processes_that_are_let_go_are_started_anew_for_the_next_work() -> None:
    with Workers(2) as workers:
        before = set(workers.map(process_of, range(4), apart=True, on_death=lost))
        workers.rest()
        assert active_children() == []
        assert before.isdisjoint(workers.map(process_of, range(4), apart=True, on_death=lost))


def test_no_work_starts_no_process() -> None:
    before = set(active_children())
    with Workers(2) as workers:
        assert list(workers.map(process_of, [], apart=True, on_death=lost)) == []
        assert set(active_children()) <= before


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
        assert taken <= 3 + 2 * 6


def test_a_round_that_is_left_early_does_not_disturb_the_next() -> None:
    with Workers(2) as workers:
        first = workers.map(squared_slowly_at_first, range(100), apart=True, on_death=lost)
        assert next(first) == "0"
        del first
        results = list(workers.map(squared_slowly_at_first, range(5, 9), apart=True, on_death=lost))
    assert results == ["25", "36", "49", "64"]


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_what_was_begun_is_not_done_again(jobs: int, tmp_path: Path) -> None:
    places = [tmp_path / f"{number}" for number in range(9)]
    with Workers(jobs) as workers:
        workers.begin(noted, reversed(places[:5]))
        assert list(workers.map(noted, places, apart=True, on_death=lost)) == [place.name for place in places]
    assert [place.read_text() for place in places] == ["x"] * 9


def test_what_was_begun_is_of_one_common_argument() -> None:
    with Workers(2) as workers:
        workers.begin(beside, range(5), common=[7])
        workers.begin(beside, range(5), common=[8])
        for common in ([8], [9], [7]):
            results = workers.map(beside, range(3), apart=True, on_death=lost_beside, common=common)
            assert [found for _, found, _ in results] == [[*common, piece] for piece in range(3)]


def test_what_was_dropped_is_done_when_it_is_asked_for(tmp_path: Path) -> None:
    places = [tmp_path / f"{number}" for number in range(3)]
    with Workers(1) as workers:
        workers.begin(noted, places)
        assert list(workers.map(process_of, [0], apart=True, on_death=lost))
        workers.drop_begun()
        assert list(workers.map(noted, places, apart=True, on_death=lost)) == ["0", "1", "2"]
    assert [place.read_text() for place in places] == ["xx"] * 3


def test_who_is_expected_and_let_go_before_they_are_there_is_not_missed() -> None:
    for _ in range(5):
        with Workers(3) as workers:
            workers.expect(3, get_ready)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "_serve_calls" in thread.name:
            thread.join(30)
    assert active_children() == []


def test_processes_that_are_there_get_ready_for_what_comes() -> None:
    with Workers(2) as workers:
        workers.prepare(get_ready)
        assert active_children() == [], "none is started for that"
        before = set(workers.map(process_of, range(8), apart=True, on_death=lost))
        workers.prepare(get_ready)
        assert set(workers.map(process_of, range(8), apart=True, on_death=lost)) <= before
        assert "ready" in set(workers.map(is_ready, range(8), apart=True, on_death=lost))


def test_what_was_begun_in_vain_disturbs_nothing(tmp_path: Path) -> None:
    with Workers(2) as workers:
        for _ in range(2):
            workers.begin(noted, [tmp_path / f"vain {number}" for number in range(200)])
            assert list(workers.map(squared_slowly_at_first, range(3), apart=True, on_death=lost)) == ["0", "1", "4"]
            assert list(workers.map(noted, [tmp_path / "asked for"], apart=True, on_death=lost)) == ["asked for"]
    assert (tmp_path / "asked for").read_text() == "xx"


@pytest.mark.parametrize("size", [100, 1_000_000, 20_000_000])
def test_pieces_and_results_of_any_size_pass(size: int) -> None:
    with Workers(2) as workers:
        pieces = [bytes([number]) * size for number in range(5)]
        assert list(workers.map(bytes.upper, pieces, apart=True, on_death=lambda piece: piece)) == pieces


@pytest.mark.parametrize("jobs", [0, 2])
def test_what_pieces_have_in_common_is_given_with_each(jobs: int) -> None:
    with Workers(jobs) as workers:
        results = list(workers.map(beside, range(9), apart=True, on_death=lost_beside, common=[7]))
    assert [result[1] for result in results] == [[7, number] for number in range(9)]


def test_what_pieces_have_in_common_is_sent_to_a_process_once_even_in_several_rounds() -> None:
    with Workers(2) as workers:
        results = [
            result
            for _ in range(3)
            for result in workers.map(beside, range(20), apart=True, on_death=lost_beside, common=list(range(1000)))
        ]
    assert len({(process, place) for process, _, place in results}) == len({process for process, _, _ in results})


def test_what_many_rounds_have_in_common_is_not_mixed_up() -> None:
    with Workers(1) as workers:
        for number in [*range(7), *range(7)]:
            ((_, together, _),) = workers.map(beside, [0], apart=True, on_death=lost_beside, common=[number])
            assert together == [number, 0]


def test_work_in_this_process_is_done_when_its_result_is_asked_for() -> None:
    taken: list[int] = []

    def noted(number: int) -> int:
        taken.append(number)
        return number

    with Workers(0) as workers:
        results = workers.map(noted, range(9), apart=True, on_death=abs)
        assert taken == []
        next(results)
        assert taken == [0]


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
    monkeypatch.setattr("contactsheet.pool._SLOW", 1)
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
        pieces = [GIBIBYTE // 2] * 3
        results = list(workers.map(memory_of_many_allocations, pieces, apart=True, on_death=lost))
    assert results == [f"{GIBIBYTE // 2}"] * 3


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_in_another_process_is_told_with_its_traceback(jobs: int) -> None:
    with Workers(jobs) as workers:
        with pytest.raises(WorkError, match=r"(?s)wrong_at_two.*ValueError: two is wrong"):
            list(workers.map(wrong_at_two, range(9), apart=True, on_death=lost))
        assert list(workers.map(wrong_at_two, [5], apart=True, on_death=lost)) == ["5"], "work goes on"


def test_a_result_that_cannot_be_sent_is_told() -> None:
    with Workers(1) as workers, pytest.raises(WorkError, match="pickle"):
        list(workers.map(unsendable, [0], apart=True, on_death=lost))


@pytest.mark.parametrize(("jobs", "error"), [(0, TimeoutError), (1, WorkError)])
def test_an_error_about_time_is_the_error_of_its_piece(jobs: int, error: type[Exception]) -> None:
    with Workers(jobs) as workers, pytest.raises(error):
        list(workers.map(too_late, [0], apart=True, on_death=lost))


# --- the pool as any program may use it -------------------------------------------------------------------------------


def test_a_pool_is_an_executor() -> None:
    with Pool(2) as pool:
        assert list(pool.map(divmod, [7, 8], [2, 2])) == [(3, 1), (4, 0)]
        assert pool.submit(int, "11", base=2).result() == 3


def test_a_pool_that_is_shut_down_finishes_its_calls_and_takes_no_more() -> None:
    pool = Pool(1)
    calls = [pool.submit(squared_slowly_at_first, 9) for _ in range(5)]
    pool.shutdown()
    assert [call.result(timeout=0) for call in calls] == ["81"] * 5
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(abs, 1)


def test_a_pool_that_is_killed_answers_every_call_and_leaves_no_process() -> None:
    before = set(active_children())
    pool = Pool(1)
    calls = [pool.submit(asleep_at_one, number) for number in (0, 1, 1)]
    assert calls[0].result() == "0"
    pool.kill_workers()
    assert set(active_children()) <= before
    with pytest.raises((DiedError, CancelledError)):
        calls[1].result(timeout=0)
    assert calls[2].cancelled()


@posix
def test_whether_a_call_is_guilty_of_the_death_of_its_process_is_told() -> None:
    with Pool(1) as pool:
        with pytest.raises(DiedError) as died:
            pool.submit(killed_at_three, 3).result()
        assert not died.value.guilty
        with pytest.raises(DiedError) as died:
            pool.submit(Task.of(endless_at_one, seconds=1), 1).result()
        assert died.value.guilty


def test_processes_without_work_are_ended_if_so_wanted_and_started_again_for_more() -> None:
    before = set(active_children())
    with Pool(1, idle=0.1) as pool:
        first = pool.submit(process_of, 0).result()
        until = time.monotonic() + 20
        while set(active_children()) > before:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert pool.submit(process_of, 0).result() != first


# --- the end ----------------------------------------------------------------------------------------------------------

_SLEEPERS = """
import sys
from contactsheet.workers import Workers
from tests.pieces import asleep_at_one, lost
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
