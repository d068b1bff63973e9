"""Examinations that end their process, as a decoder with a hole in it would; the workers load them by their names."""

from __future__ import annotations

import os
import signal

from contactsheet.tasks import Examined, PictureWork, examine_picture

VICTIM = "mallory"


def by_signal(work: PictureWork) -> Examined:
    """Crashes on one contact's picture."""
    if work.picture.file.name == VICTIM:
        os.kill(os.getpid(), signal.SIGSEGV)
    return examine_picture(work)


def by_memory(work: PictureWork) -> Examined:
    """Wants two gibibytes for one contact's picture."""
    if work.picture.file.name == VICTIM:
        bytearray(2**31)
    return examine_picture(work)


def by_time(work: PictureWork) -> Examined:
    """Never ends on one contact's picture."""
    while work.picture.file.name == VICTIM:
        pass
    return examine_picture(work)
