"""`new`: a contact from the terminal, checked before a file is written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, FailedError, RefusedError
from contactsheet.commands.shared import complete_contact, prepared_picture, root_option, scale_down_option, write

_EXAMPLES = """\b
Examples:
  build.py new "Ada Lovelace" --email ada@example.org --avatar ada.jpg
  build.py new "Grace Hopper" --id sales/grace --tag navy --field "Account=00123"
  build.py new "Jane Doe" --merge-into jane-doe --avatar new-picture.webp
"""


@click.command(epilog=_EXAMPLES)
@click.argument("name", required=False)
@click.option("--id", "contact_id", metavar="ID", help="The contact's ID [default: made from the name].")
@click.option("--email", "emails", multiple=True, metavar="ADDRESS", help="May be repeated.")
@click.option("--phone", "phones", multiple=True, metavar="NUMBER", help="With the country's code; may be repeated.")
@click.option("--company", metavar="TEXT", help="The organisation.")
@click.option("--title", metavar="TEXT", help="The position there.")
@click.option("--tag", "tags", multiple=True, metavar="TEXT", help="A word to find the contact by; may be repeated.")
@click.option("--type", metavar="TEXT", help="Lead, customer, ….")
@click.option("--owner", metavar="TEXT", help="Who on the team looks after the contact.")
@click.option("--field", "custom", multiple=True, metavar="KEY=VALUE", help="A custom field; may be repeated.")
@click.option("--merge-into", metavar="ID", shell_complete=complete_contact, help="The contact that this one joins.")
@click.option("--avatar", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="The picture.")
@scale_down_option
@root_option
def new(
    name: str | None,
    contact_id: str | None,
    custom: tuple[str, ...],
    avatar: Path | None,
    scale_down: bool,
    root: Path,
    **given: Any,
) -> int:
    """Add a contact called NAME.

    On a terminal it asks for what is missing. The record is checked before it is written, and no file is written over.
    A picture of another kind than JPEG and PNG is converted.
    """
    from contactsheet.amend import written
    from contactsheet.repository import AVATARS, CONTACTS

    fields: dict[str, Any] = {"name": name, **given, "fields": _custom(custom)}
    if _on_terminal():
        _ask(fields)
    if not fields["name"]:
        raise RefusedError('say the name of the contact, as in: new "Ada Lovelace"')
    chosen = contact_id or _proposed(root, fields["name"], is_copy=bool(fields["merge_into"]))
    files: dict[str, bytes | None] = {f"{CONTACTS}/{_free(root, chosen)}.yaml": written(fields).encode()}
    made = prepared_picture(root, avatar, scale_down=scale_down) if avatar else None
    if made:
        files[f"{AVATARS}/{chosen}{made.suffix}"] = made.data
    if not write(root, files, new=files):
        return FAILED
    if avatar and made and made.note:
        console.say(f"{avatar.name}: {made.note}")
    console.say(f"Commit them: git add {' '.join(sorted(files))}")
    return 0


def _custom(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise RefusedError(f"--field {pair}: write it as KEY=VALUE")
        if key.strip() in found:
            raise RefusedError(f"--field {key.strip()} is given twice")
        found[key.strip()] = value
    return found


def _on_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _ask(fields: dict[str, Any]) -> None:
    """Asks for the name and, one after the other, for what most contacts have; nothing typed leaves it out."""
    if not fields["name"]:
        fields["name"] = click.prompt("Name", err=True).strip()
    for field, words in (("emails", "E-mail"), ("phones", "Phone"), ("company", "Company"), ("title", "Title")):
        if not fields[field]:
            said = click.prompt(words, default="", show_default=False, err=True).strip()
            fields[field] = said if field in ("company", "title") else tuple([said] if said else [])


def _proposed(root: Path, name: str, *, is_copy: bool) -> str:
    """An ID for the name; of a record that joins another, one that is free."""
    from contactsheet.ids import proposal, suggestion
    from contactsheet.read import scan

    found = suggestion(name)
    if not found and _on_terminal():
        return str(click.prompt("ID, in small letters from a to z, digits and hyphens", err=True)).strip()
    if not found:
        raise RefusedError(f"no ID can be made from the name {name}; say one with --id, as in --id ada-lovelace")
    taken = {one.casefold() for one in scan(root).ids} if is_copy else set()
    return proposal(found, taken)


def _free(root: Path, contact_id: str) -> str:
    """The ID, if it is one and no contact has it; ends the command elsewhere."""
    from contactsheet.ids import fault, proposal
    from contactsheet.read import scan

    if wrong := fault(contact_id):
        raise RefusedError(f"--id {contact_id}: the name {wrong}; did you mean {proposal(contact_id)}?")
    rival = next((one for one in sorted(scan(root).ids) if one.casefold() == contact_id.casefold()), None)
    if rival:
        raise FailedError(
            f"there is a contact {rival} already; give the new one another ID with --id, "
            f"or let it join that one with --merge-into {rival}"
        )
    return contact_id
