"""Work on a cluster of real processes: the same results as on one machine, whatever happens to the machines."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from contactsheet import cluster as clusters
from contactsheet import pipeline
from contactsheet.cluster import Cluster, ClusterError, batches, facts, refuse_others
from contactsheet.pool import WorkError
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests import pictures
from tests.conftest import PROJECT, Site

# Asked without importing it, since every process of the tests collects this module.
pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="distributed is not installed")

posix = pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX systems")


# --- tasks: they have to be found by the processes, so they stand at the module's top ---------------------------------


def turned(common: bytes, piece: bytes) -> bytes:
    time.sleep(0.002)
    return piece[::-1] + common[:3]


def squared(number: int) -> int:
    return number * number


def slowly_squared(number: int) -> int:
    time.sleep(0.1)
    return number * number


def endless_at_three_killed_at_five(number: int) -> int:
    while number == 3:
        pass
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wrong_at_two(number: int) -> int:
    if number == 2:
        raise ValueError("two is wrong")
    return number


def lost(_piece: object) -> int:
    return -1


def opened(path: str) -> int:
    return len(Path(path).read_bytes())


# --- the machines -----------------------------------------------------------------------------------------------------

# What Python runs when a process of the machines begins: they see the files of this one, and are not to.
BLINKERS = """
import os
import sys

def look(event, details):
    path = details[0] if event in ("open", "os.listdir", "os.scandir") and details else ""
    if isinstance(path, str) and not {"contacts", "avatars"}.isdisjoint(path.split(os.sep)):
        raise PermissionError(f"{path} is on another machine")

sys.addaudithook(look)
"""

# They have no need to look at themselves a hundred times a second.
CALM = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False", "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s"}


class Machines:
    """A scheduler and what works for it, each a process, none of which can read records or pictures from the disk."""

    def __init__(self, folder: Path) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        (folder / "sitecustomize.py").write_text(BLINKERS)
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        waited(file.exists)
        self.address = str(json.loads(file.read_text())["address"])

    def start_worker(self, nanny: str) -> subprocess.Popen[bytes]:
        return self._start("worker", self.address, "--local-directory", str(self._folder), "--nthreads", "1", nanny)

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *options, "--no-dashboard"],
            cwd=PROJECT,
            env={**os.environ, **CALM, "PYTHONPATH": os.pathsep.join((str(self._folder), str(PROJECT)))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    started = Machines(folder)
    try:
        yield started
    finally:
        for process in started.processes:
            process.kill()
            process.wait()


def waited(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """One worker below a nanny, as most have it, and one without."""
    with machines(tmp_path_factory.mktemp("cluster")) as started:
        started.start_worker("--nanny")
        started.start_worker("--no-nanny")
        yield started


@pytest.fixture(scope="module")
def workers(two_workers: Machines) -> Iterator[Workers]:
    with Workers(0, two_workers.address) as connected:
        assert connected.remote
        waited(lambda: connected.jobs == 2)
        yield connected


# --- the same as on one machine ---------------------------------------------------------------------------------------


def test_results_are_those_of_one_machine_in_the_order_of_the_work(workers: Workers) -> None:
    dice = random.Random(4)
    pieces = [dice.randbytes(dice.choice([0, 10, 1000, 300_000])) for _ in range(100)]
    with Workers(0) as here:
        expected = list(here.map(turned, pieces, apart=True, on_death=bytes, common=b"common"))
    assert list(workers.map(turned, pieces, apart=True, on_death=bytes, common=b"common")) == expected


def test_the_machines_see_no_file_of_a_site(two_workers: Machines, site: Site) -> None:
    site.contact("ada", name="Ada")
    with Cluster(two_workers.address) as executor, pytest.raises(PermissionError, match="on another"):
        executor.submit(opened, str(site.root / "contacts" / "ada.yaml")).result()


def test_a_site_is_the_same_byte_for_byte_although_a_worker_is_killed(
    workers: Workers, two_workers: Machines, site: Site
) -> None:
    for number in range(8):
        site.contact(f"contact-{number}", "messages: [{at: 2026-03-11T09:00:00Z, from: contact, text: Hello}]", "Ada")
        site.write(f"avatars/contact-{number}.jpg", pictures.saved(pictures.textured(seed=number)))
    here, there = site.root / "here", site.root / "there"
    with Workers(0) as alone:
        pipeline.build(site.root, here, load(site.root), alone)
    before = workers.jobs
    victim = two_workers.start_worker("--no-nanny")
    waited(lambda: workers.jobs == before + 1)

    def kill(stage: str, done: int, _total: int) -> None:
        if stage == "pictures" and done:
            victim.kill()

    assert pipeline.build(site.root, there, load(site.root), workers, kill).published
    assert victim.wait() != 0
    assert files(there) == files(here)
    assert sum(name.startswith("avatars/") for name in files(there)) == 16


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_command_computes_there_too(workers: Workers, two_workers: Machines, site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/ada.jpg", pictures.saved(pictures.textured()))
    done = site.command("build", "--cluster", two_workers.address)
    assert done.returncode == 0, done.stderr
    there = site.tree()
    shutil.rmtree(site.output)
    assert site.build().published
    assert site.tree() == there


def test_no_work_is_no_results(workers: Workers) -> None:
    assert list(workers.map(squared, [], apart=True, on_death=lost)) == []


def test_work_that_is_not_to_be_apart_stays_here(workers: Workers) -> None:
    assert list(workers.map(lambda number: number + 1, [1, 2], apart=False, on_death=lost)) == [2, 3]


def test_it_is_an_executor(two_workers: Machines) -> None:
    with Cluster(two_workers.address) as executor:
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
        assert list(executor.map(abs, [-1, -2])) == [1, 2]


@posix
def test_a_piece_that_never_ends_or_kills_its_process_is_lost_and_no_other(workers: Workers) -> None:
    before = workers.jobs
    results = list(workers.map(endless_at_three_killed_at_five, range(8), apart=True, on_death=lost, seconds=1))
    assert results == [0, 1, 2, -1, 4, -1, 6, 7]
    assert workers.jobs == before, "a worker of the cluster died with it"


def test_an_exception_is_told_with_its_traceback_and_work_goes_on(workers: Workers) -> None:
    with pytest.raises(WorkError, match=r"(?s)wrong_at_two.*ValueError: two is wrong"):
        list(workers.map(wrong_at_two, range(9), apart=True, on_death=lost))
    assert list(workers.map(wrong_at_two, [5], apart=True, on_death=lost)) == [5]


def test_a_worker_with_other_versions_is_refused_by_their_names(
    workers: Workers, two_workers: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tuple((name, "0.9" if name == "pillow" else version) for name, version in facts())
    monkeypatch.setattr(clusters, "facts", lambda: other)
    with Workers(0, two_workers.address) as mine, pytest.raises(ClusterError, match=r"has pillow \d\S+ instead of 0.9"):
        list(mine.map(squared, range(3), apart=True, on_death=lost))


def test_the_same_versions_are_not_refused() -> None:
    refuse_others(facts())


# --- what travels -----------------------------------------------------------------------------------------------------


def test_batches_begin_small_and_are_bounded_by_number_and_size() -> None:
    numbers = [len(batch.pieces) for batch in batches(range(1000), 2)]
    assert numbers[:8] == [1, 1, 2, 2, 4, 4, 8, 8]
    assert max(numbers) == 64
    assert sum(numbers) == 1000
    large = [len(batch.pieces) for batch in batches([bytes(400_000)] * 20, 1)]
    assert max(large) == 3


class Wire:
    """A way to the scheduler that counts what goes there."""

    def __init__(self, target: str) -> None:
        host, _, port = target.removeprefix("tcp://").rpartition(":")
        self.sent = 0
        self._target = (host, int(port))
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._open, daemon=True).start()

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(self._target)
                for source, sink, count in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._pass, args=(source, sink, count), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, count: bool) -> None:
        with suppress(OSError), source, sink:
            while data := source.recv(2**16):
                self.sent += len(data) * count
                sink.sendall(data)

    def close(self) -> None:
        self._door.close()


@pytest.fixture
def wire(workers: Workers, two_workers: Machines) -> Iterator[Wire]:
    opened = Wire(two_workers.address)
    yield opened
    opened.close()


def test_what_pieces_have_in_common_travels_once(wire: Wire) -> None:
    common = random.Random(5).randbytes(1_000_000)
    with Workers(0, wire.address) as mine:
        for offset in (0, 100):
            pieces = [bytes([number]) * 10 for number in range(offset, offset + 100)]
            results = list(mine.map(turned, pieces, apart=True, on_death=bytes, common=common))
            assert results == [piece[::-1] + common[:3] for piece in pieces]
    assert 1_000_000 < wire.sent < 1_500_000


def test_equal_batches_travel_once(wire: Wire) -> None:
    piece = random.Random(6).randbytes(1_000_000)
    with Workers(0, wire.address) as mine:
        results = list(mine.map(turned, [piece] * 4, apart=True, on_death=bytes, common=b""))
    assert results == [piece[::-1]] * 4
    assert 1_000_000 < wire.sent < 1_500_000


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_in_the_middle_is_replaced_and_its_work_done_again(
    workers: Workers, two_workers: Machines
) -> None:
    before = workers.jobs
    victim = two_workers.start_worker("--no-nanny")
    waited(lambda: workers.jobs == before + 1)
    results = []
    for done, result in enumerate(workers.map(slowly_squared, range(60), apart=True, on_death=lost)):
        if done == 5:
            victim.kill()
        results.append(result)
    victim.wait()
    assert results == [number * number for number in range(60)]
    assert workers.jobs == before


def test_a_scheduler_that_was_never_there_is_an_error_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_CONNECT", 1)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.monotonic()
    with Workers(2, f"tcp://127.0.0.1:{port}") as mine, pytest.raises(ClusterError, match="no Dask scheduler answers"):
        list(mine.map(squared, range(9), apart=True, on_death=lost))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("address", ["", "nonsense://x", "tcp://127.0.0.1:no"])
def test_an_address_that_is_none_is_an_error(address: str) -> None:
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        Cluster(address or "://")


def test_a_cluster_without_workers_and_one_whose_scheduler_is_killed_are_errors_within_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "_PATIENCE", 0.5)
    with machines(tmp_path) as lonely, Workers(0, lonely.address) as mine:
        with pytest.raises(ClusterError, match=f"has no workers; start some: dask worker {lonely.address}"):
            list(mine.map(squared, range(9), apart=True, on_death=lost))
        worker = lonely.start_worker("--no-nanny")
        monkeypatch.setattr(clusters, "_PATIENCE", 60)
        results = mine.map(slowly_squared, range(1000), apart=True, on_death=lost)
        assert next(results) == 0
        lonely.scheduler.kill()
        began = time.monotonic()
        with pytest.raises(ClusterError, match=r"the connection to the scheduler at .* was lost"):
            list(results)
        assert time.monotonic() - began < 10
        worker.kill()


_SLEEPERS = """
import sys, time
from contactsheet.workers import Workers
from tests.test_cluster import lost, slowly_squared
if __name__ == "__main__":
    with Workers(0, sys.argv[1]) as workers:
        for _ in workers.map(slowly_squared, range(10_000), apart=True, on_death=lost):
            print("working", flush=True)
"""


@posix
def test_a_build_that_is_interrupted_ends_at_once(workers: Workers, two_workers: Machines, tmp_path: Path) -> None:
    script = tmp_path / "sleepers.py"
    script.write_text(_SLEEPERS)
    build = subprocess.Popen(
        [sys.executable, str(script), two_workers.address],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert build.stdout
    assert build.stdout.readline() == "working\n"
    build.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, talk = build.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert talk.count("Traceback") <= 1, "the interrupt's own, since nothing here catches it"
