"""`schema`, `rules` and `explain`: what a record may hold, and what is judged."""

from __future__ import annotations

import click

from contactsheet import console
from contactsheet.commands.endings import RefusedError


@click.command(
    epilog="""\b
Example:
  build.py schema > record.schema.json
""",
)
def schema() -> int:
    """Print the JSON Schema of a record."""
    import json

    from contactsheet.schema import json_schema

    console.put([json.dumps(json_schema(), indent=2)])
    return 0


@click.command(
    epilog="""\b
Example:
  build.py rules
""",
)
def rules() -> int:
    """List the rules with their severities."""
    from contactsheet.rules import catalogue

    console.put(f"{rule.name:28} {rule.severity:8} {rule.summary}" for rule in catalogue().values())
    return 0


@click.command(
    epilog="""\b
Example:
  build.py explain avatar/too-large
""",
)
@click.argument("rule")
def explain(rule: str) -> int:
    """Say why a rule exists, with an example."""
    from contactsheet.formats import visible
    from contactsheet.nearest import nearest
    from contactsheet.rules import catalogue, explanation

    if rule not in catalogue():
        known = {name: name for name in catalogue()} | {name.partition("/")[2]: name for name in catalogue()}
        near = known.get(nearest(rule, known, 0.6))
        raise RefusedError(
            f"there is no rule “{visible(rule)}”; {f'did you mean {near}?' if near else '`rules` lists all'}"
        )
    console.put(explanation(catalogue()[rule]))
    return 0
