"""`merge`: writes a merge directive, takes it out, or carries directives out in the files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contactsheet import console
from contactsheet.commands.endings import FAILED, FailedError, RefusedError, remembered, settings_of
from contactsheet.commands.shared import complete_contact, is_sound, record_of, record_text, root_option, write

if TYPE_CHECKING:
    from contactsheet.carrying import Carried, Standing


_EXAMPLES = """\b
Examples:
  build.py merge jane-doe-2 jane-doe --take title
  build.py merge --undo jane-doe-2
  build.py merge --apply --dry-run
"""


@click.command(epilog=_EXAMPLES)
@click.argument("contacts", metavar="[NEW [EXISTING]]", nargs=-1, shell_complete=complete_contact)
@click.option("--take", multiple=True, metavar="FIELD", help="Let NEW win in this field; may be repeated.")
@click.option("--keep", multiple=True, metavar="FIELD", help="Let EXISTING keep what it has; may be repeated.")
@click.option("--undo", is_flag=True, help="Take the directive out of NEW.")
@click.option("--apply", "for_good", is_flag=True, help="Carry out the directives of NEW…, or all, in the files.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@root_option
def merge(
    contacts: tuple[str, ...],
    take: tuple[str, ...],
    keep: tuple[str, ...],
    undo: bool,
    for_good: bool,
    dry_run: bool,
    root: Path,
) -> int:
    """Join the contact NEW to EXISTING.

    A directive is written into NEW's record. The build carries it out each time, and --undo takes it back. With --apply
    it is carried out in the files for good: fields, messages and the picture go over, NEW's record is deleted, and its
    ID stays as an alias of EXISTING. Directives that lead to one contact are carried out together.
    """
    if (undo or for_good) and (take or keep or (undo and for_good)):
        raise RefusedError("--undo and --apply go alone: the one takes a directive out, the other carries it out")
    if for_good:
        return _carry_out(root, contacts, dry_run=dry_run)
    if undo:
        if len(contacts) != 1:
            raise RefusedError("say which record is not to be merged, as in: merge --undo jane-doe-2")
        return _direct(root, contacts[0], None, dry_run=dry_run)
    if len(contacts) != 2:
        raise RefusedError("say which record joins which contact, as in: merge jane-doe-2 jane-doe")
    new, existing = contacts
    ways = {way: list(fields) for way, fields in (("take", take), ("keep", keep)) if fields}
    return _direct(root, new, {"contact": existing, **ways} if ways else existing, dry_run=dry_run)


def _direct(root: Path, contact_id: str, directive: object | None, *, dry_run: bool) -> int:
    """Writes a directive into a record, or takes it out."""
    from contactsheet.amend import AmendError, amended, says
    from contactsheet.unified import unified

    file = record_of(root, contact_id)
    before = record_text(root, file)
    try:
        stands = says(before, "merge_into")
        if stands is not None and directive is not None:
            raise RefusedError(f"{file} has a directive already; take it out with: merge --undo {contact_id}")
        if stands is None and directive is None:
            raise RefusedError(f"{file} has no merge directive")
        after = amended(before, {"merge_into": directive})
    except AmendError as error:
        raise FailedError(f"{file}: {error}") from None
    changes = {file: after.encode()}
    if dry_run:
        if not is_sound(root, changes):
            return FAILED
        console.put(unified(file, before, file, after))
        return 0
    if not write(root, changes):
        return FAILED
    console.say("The merge is undone; commit the file." if directive is None else "Build to see it; commit the file.")
    return 0


def _carry_out(root: Path, contacts: tuple[str, ...], *, dry_run: bool) -> int:
    from contactsheet.amend import AmendError
    from contactsheet.carrying import standing
    from contactsheet.workers import Workers

    for contact_id in contacts:
        record_of(root, contact_id)
    with Workers(1) as workers, closing(remembered(root)) as memo:
        found = standing(root, settings_of(root), workers, memo)
    targets = _targets(found, contacts)
    if wrong := found.wrong(targets):
        console.tell(wrong, root)
        console.say("Nothing was written.")
        return FAILED
    try:
        carried = found.carried(targets)
    except AmendError as error:
        raise FailedError(str(error)) from None
    if not carried.merges:
        console.say("There is no standing merge directive.")
        return 0
    if not is_sound(root, carried.files):
        return FAILED
    if dry_run:
        console.put(_shown(root, carried))
        return 0
    return _written(root, carried, contacts)


def _targets(found: Standing, contacts: tuple[str, ...]) -> set[str]:
    """The survivors of the merges of some contacts, or of all."""
    for contact_id in contacts:
        if contact_id not in found.moved:
            if contact_id not in found.sources or not found.sources[contact_id].record.merge_into:
                raise RefusedError(f"{contact_id} has no merge directive")
            raise FailedError(f"the directive of {contact_id} cannot be carried out; run check")
    return {found.moved[one] for one in contacts or found.moved}


def _shown(root: Path, carried: Carried) -> list[str]:
    """What would change, as a unified diff."""
    from contactsheet.read import RECORD_SUFFIXES
    from contactsheet.unified import unified

    lines: list[str] = []
    for path, data in sorted(carried.files.items()):
        if path.endswith(RECORD_SUFFIXES):
            after = "" if data is None else data.decode()
            lines += unified(path, record_text(root, path), path if data is not None else "", after)
    lines += (line for old, new in sorted(carried.moves.items()) for line in (f"rename from {old}", f"rename to {new}"))
    lines += (f"delete {path}" for path in sorted(carried.dropped) if path not in carried.moves.values())
    return lines


def _written(root: Path, carried: Carried, named: tuple[str, ...]) -> int:
    from contactsheet.edit import save
    from contactsheet.git import GitError
    from contactsheet.staging import is_kept, stage, tracked

    if lost := [path for path in carried.dropped if not is_kept(root, path)]:
        raise FailedError(
            f"{lost[0]} would be lost: another picture wins, and no commit of git has this one; "
            "commit it, or move it away, and try again"
        )
    known = tracked(root, list(carried.files))
    save(root, carried.files, new=[path for path in carried.moves.values() if path not in carried.dropped])
    console.put(sorted(carried.files))
    for source, target in sorted(carried.merges.items()):
        along = " (it leads to the same contact)" if named and source not in named else ""
        console.say(f"{source} is merged into {target}{along}")
    # One commit is to hold the whole merge, and what it deletes is nowhere else.
    staged = {*known, *(path for path, data in carried.files.items() if data is not None)} if known else set()
    try:
        stage(root, sorted(staged))
    except GitError as error:
        console.say(f"warning: the files are written, but git did not stage them: {error}")
        return 0
    console.say("The changes are staged; commit them." if known else "The files are written.")
    return 0
