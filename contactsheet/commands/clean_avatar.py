"""`clean-avatar`: a contact's picture without its metadata, not a pixel changed."""

from __future__ import annotations

from pathlib import Path

import click

from contactsheet import console
from contactsheet.commands.endings import FailedError, RefusedError, settings_of
from contactsheet.commands.shared import complete_contact, picture_of, root_option


@click.command(
    "clean-avatar",
    epilog="""\b
Examples:
  build.py clean-avatar ada-lovelace
""",
)
@click.argument("contact_id", metavar="ID", shell_complete=complete_contact)
@root_option
def clean_avatar(contact_id: str, root: Path) -> int:
    """Take the metadata out of the picture of the contact ID.

    Position, camera, texts and whatever else stands beside the pixels go; the pixels, the way up and the colour profile
    stay as they are.
    """
    from contactsheet.clean import cleaned
    from contactsheet.edit import replace_file
    from contactsheet.inspection import inspect
    from contactsheet.read import read_bytes

    settings = settings_of(root)
    picture = picture_of(root, contact_id, settings)
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
