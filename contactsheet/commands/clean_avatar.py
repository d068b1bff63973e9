"""`clean-avatar`: a contact's picture without its metadata, not a pixel changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.shared import FailedError, RefusedError, root_option, settings_of

if TYPE_CHECKING:
    from contactsheet.read import SourceFile
    from contactsheet.settings import Settings


@click.command("clean-avatar")
@click.argument("contact_id", metavar="ID")
@root_option
def clean_avatar(contact_id: str, root: Path) -> int:
    """Take the metadata out of the picture of the contact ID.

    Position, camera, texts and whatever else stands beside the pixels go; the pixels, the way up and the colour profile
    stay as they are.
    """
    from contactsheet.anatomy import inspect
    from contactsheet.clean import cleaned
    from contactsheet.edit import replace_file
    from contactsheet.read import read_bytes

    settings = settings_of(root)
    picture = _picture_of(root, contact_id, settings)
    if picture is None:
        raise RefusedError(f"no contact {contact_id} has a picture")
    data = read_bytes(root, picture.path, settings.max_picture_bytes)
    if not isinstance(data, bytes):
        raise FailedError(f"{picture.path}: {data.message}")
    anatomy, findings = inspect(data, suffix=picture.suffix)
    if anatomy is None:
        raise FailedError(f"{picture.path}: {findings[0].message}")
    clean = cleaned(data, anatomy)
    if clean == data:
        console.say(f"{picture.path} holds nothing but the picture")
        return 0
    replace_file(root, picture.path, clean)
    console.say(f"{picture.path}: {len(data) - len(clean)} bytes of metadata taken out; commit the file")
    console.say("If it was pushed before, the history of the repository still holds the old one.")
    return 0


def _picture_of(root: Path, contact_id: str, settings: Settings) -> SourceFile | None:
    """The picture of a contact, found as the build finds it."""
    from contactsheet.pictures import assign
    from contactsheet.read import scan
    from contactsheet.tasks import RecordWork, read_records

    sources = scan(root)
    files = tuple(file for file in sources.records if file.name == contact_id)
    readings = read_records(RecordWork(root, files, settings, (None,) * len(files)))
    claims = [reading.claim for reading in readings if reading.claim]
    owned, _, _ = assign(sources.pictures, claims, sources.ids)
    return owned[contact_id].file if contact_id in owned else None
