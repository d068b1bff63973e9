"""`set-avatar`: gives a contact a picture, from any file that holds one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, FailedError, settings_of
from contactsheet.commands.shared import (
    complete_contact,
    is_sound,
    picture_file,
    picture_of,
    prepared_picture,
    record_of,
    record_text,
    root_option,
    scale_down_option,
)

if TYPE_CHECKING:
    from contactsheet.read import SourceFile

_EXAMPLES = """\b
Examples:
  build.py set-avatar ada-lovelace ~/Pictures/ada.webp
  build.py set-avatar acme logo.png --fit contain
  build.py set-avatar ada-lovelace huge.jpg --scale-down --focus 0.5,0.3
"""


def _focus(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | list[float] | None:
    from contactsheet import values

    if value is None:
        return None
    try:
        if "," not in value:
            values.focus(value.strip())
            return value.strip()
        point = value.split(",")
        values.focus(point)
        return [values.unit(one) for one in point]
    except values.RuleError as error:
        raise click.BadParameter(f"it {error.message}. {error.fix}") from None


@click.command("set-avatar", epilog=_EXAMPLES)
@click.argument("contact_id", metavar="ID", shell_complete=complete_contact)
@picture_file
@scale_down_option
@click.option("--focus", callback=_focus, metavar="X,Y|SIDE", help="The point that stays in view: 0.5,0.3 or top.")
@click.option("--fit", type=click.Choice(["cover", "contain"]), help="Crop to a square, or pad.")
@root_option
def set_avatar(
    contact_id: str, file: Path, scale_down: bool, focus: str | list[float] | None, fit: str | None, root: Path
) -> int:
    """Give the contact ID the picture in FILE.

    A JPEG or PNG is taken as it is; another kind of picture is converted. The old picture is replaced in one step. A
    picture that the record shares with others stays; the contact gets one of its own.
    """
    from contactsheet.amend import AmendError, amended, says

    record = record_of(root, contact_id)
    text = record_text(root, record)
    made = prepared_picture(root, file, scale_down=scale_down)
    old = picture_of(root, contact_id, settings_of(root))
    own = old if old and old.name == contact_id else None
    try:
        choice = _choice(says(text, "avatar"), focus, fit, shared=own is None)
        after = amended(text, {"avatar": choice})
    except AmendError as error:
        raise FailedError(f"{record}: {error}") from None
    path = _path(contact_id, made.suffix, own)
    changes: dict[str, bytes | None] = {path: made.data}
    if own and own.path != path:
        changes[own.path] = None
    if after != text:
        changes[record] = after.encode()
    if not is_sound(root, changes):
        return FAILED
    _save(root, contact_id, changes, own, path, record)
    console.put(sorted(changes))
    if made.note:
        console.say(f"{file.name}: {made.note}")
    if old and own is None:
        console.say(f"{old.path} stays; if no other contact shows it, delete it.")
    console.say("Commit what changed.")
    return 0


def _choice(said: Any, focus: str | list[float] | None, fit: str | None, *, shared: bool) -> dict[str, Any] | None:
    """The record's choice: the picture is named by the ID, and what was set for a shared one is not for this one."""
    kept = {key: value for key, value in said.items() if key != "file"} if isinstance(said, dict) and not shared else {}
    given = {key: value for key, value in (("focus", focus), ("fit", fit)) if value is not None}
    return {**kept, **given} or None


def _path(contact_id: str, suffix: str, own: SourceFile | None) -> str:
    from contactsheet.read import PICTURE_KINDS
    from contactsheet.repository import AVATARS

    if own is None:
        return f"{AVATARS}/{contact_id}{suffix}"
    same_kind = PICTURE_KINDS[own.suffix] == PICTURE_KINDS[suffix]
    return own.path if same_kind else f"{own.path.rpartition('.')[0]}{suffix}"


def _save(
    root: Path, contact_id: str, changes: dict[str, bytes | None], own: SourceFile | None, path: str, record: str
) -> None:
    from contactsheet.edit import put_picture, save

    data = changes[path]
    assert data is not None
    if own is None:
        save(root, changes, new=(path,))
        return
    put_picture(root, contact_id, data, f".{path.rpartition('.')[2]}", own.path)
    if record in changes:
        save(root, {record: changes[record]})
