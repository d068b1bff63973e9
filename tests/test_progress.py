"""Long work shows itself: by a bar on a terminal, elsewhere by a line every few seconds; by nothing if so wanted."""

from __future__ import annotations

import io
import sys

import pytest

from contactsheet import console


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """The time, as ``time`` gives it."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(console, "time", clock)
    return clock


class Terminal(io.StringIO):
    """What somebody looks at."""

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return True


def work(clock: Clock, *, wanted: bool, seconds: float = 0.5) -> None:
    """Twenty pieces of work that take as long each, and a stage that cannot tell how far it is."""
    with console.Progress(wanted=wanted) as progress:
        for done in range(21):
            progress("pictures", done, 20)
            clock.now += seconds
        progress("publish", 0, 0)


def test_where_there_is_no_terminal_a_line_tells_every_few_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    work(clock, wanted=True)
    assert capsys.readouterr() == ("", "pictures: 11 of 20, 2.0 a second, 4 s left\n")


def test_slow_work_has_a_rate_and_what_cannot_be_counted_its_name(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    work(clock, wanted=True, seconds=8)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "pictures: 1 of 20, 0.1 a second, 152 s left"
    assert told[-1] == "publish …"


def test_short_work_and_work_of_which_nobody_wants_to_hear_say_nothing(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    work(clock, wanted=True, seconds=0.01)
    work(clock, wanted=False, seconds=8)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_a_bar_shows_the_stage_and_its_count_and_goes_in_the_end(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for name, value in {"TERM": "xterm", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    work(clock, wanted=True)
    shown = terminal.getvalue()
    assert "pictures" in shown
    assert "/20" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")  # the cursor is there again
    assert shown.endswith("\x1b[2K")  # and the bar's line is empty
