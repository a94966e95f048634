"""Everything that can be looked at, one line each."""

from collections import Counter
from collections.abc import Iterator

import typer

from chassis.settings import Settings
from deploy.doctor.databases import examine_databases
from deploy.doctor.finding import Finding, ok
from deploy.doctor.machine import examine_machine
from deploy.doctor.servers import examine_broker, examine_cache, examine_gateway
from deploy.first_start import address


def examine(settings: Settings) -> int:
    """Print what is well, what wants to be looked at and what does not work; 1 when something does not, else 0."""
    counted: Counter[str] = Counter()
    for finding in _findings(settings):
        counted[finding.level] += 1
        typer.echo(str(finding))
    typer.echo(f"{counted['ok']} ok, {counted['warning']} warnings, {counted['problem']} problems")
    return 1 if counted["problem"] else 0


def _findings(settings: Settings) -> Iterator[Finding]:
    yield ok("settings: every value is valid")
    yield from examine_machine(settings)
    yield from examine_databases(settings)
    yield from examine_broker(settings)
    yield from examine_cache(settings)
    yield from examine_gateway(settings, settings.upstreams.get("gateway") or address(settings))
