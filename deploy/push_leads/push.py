"""From a file to a verdict for each row. Killed anywhere and started again, it neither loses nor doubles a row."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.push_leads.chunks import chunks
from deploy.push_leads.door import Door
from deploy.push_leads.journal import Journal, Pushed, Undertaking
from deploy.push_leads.mapping import Mapping, read_mapping
from deploy.push_leads.table import Table, open_table
from deploy.push_leads.verdicts import Totals, Verdict, verdicts_of, write_verdicts
from deploy.trouble import Trouble

LOOK_EVERY_S = 0.25
LOOK_AT_LEAST_EVERY_S = 2.0


def push_file(
    file: Path,
    base_url: str,
    key: str,
    mapping: Sequence[str] = (),
    *,
    rows_at_once: int = 2_000,
    verdicts: Path | None = None,
    wait_s: float = 120.0,
    state: Path | None = None,
    encoding: str = "",
) -> Totals:
    """Push every row of the file, wait for the verdicts and write them down, one a row. Raises Trouble.

    The progress is kept beside the file (``state``); ``wait_s`` is how long to wait for one more verdict.
    """
    console = Console(stderr=True)
    table = open_table(file, encoding)
    chosen = read_mapping(mapping, table.columns)
    verdicts = verdicts or file.with_name(file.name + ".verdicts.csv")
    with Door(base_url, key) as door:
        door.knock()
        undertaking = Undertaking.of(
            digest=table.digest,
            mapping=chosen.identity,
            base_url=door.base_url,
            key=key.strip(),
            rows_at_once=rows_at_once,
        )
        with Journal(state or file.with_name(file.name + ".push"), undertaking) as journal:
            _introduce(console, table, chosen, journal)
            with _progress(console) as progress:
                _push(door, table, chosen, journal, progress)
                complete = _wait(door, journal, progress, wait_s)
            totals = write_verdicts(verdicts, _verdicts(door, table, chosen, journal))
    totals.show(Console())
    console.print(f"A verdict for each row: {verdicts}", soft_wrap=True, highlight=False)
    if not complete:
        raise Trouble(
            f"{totals.by_status['received']} rows wait for their verdict; nothing is lost: run the same command again"
        )
    return totals


def _introduce(console: Console, table: Table, mapping: Mapping, journal: Journal) -> None:
    separator = {"\t": "tab"}.get(table.separator, table.separator)
    console.print(f"{table.path}: {table.rows} rows, {table.encoding}, separated by {separator}", soft_wrap=True)
    unused = [name for place, name in enumerate(table.columns) if place not in mapping.used]
    if unused:
        console.print(f"Not pushed: {', '.join(unused)}", soft_wrap=True)
    if journal.pushed:
        console.print(f"Going on after {len(journal.pushed)} chunks pushed before", soft_wrap=True)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def _push(door: Door, table: Table, mapping: Mapping, journal: Journal, progress: Progress) -> None:
    bar = progress.add_task("pushed", total=table.rows)
    undertaking = journal.undertaking
    for chunk in chunks(table, mapping, undertaking.rows_at_once):
        sent = chunk.pushed
        if sent and chunk.number not in journal.pushed:
            told = door.push(bytes(chunk.lines), undertaking.idempotency_key(chunk.number))
            if told["accepted"] + told["rejected"] != len(sent):
                raise Trouble(f"{len(sent)} rows were pushed and {told['accepted'] + told['rejected']} arrived")
            journal.note(
                Pushed(chunk.number, told["batch_id"], told["accepted"], told["rejected"], told.get("errors", []))
            )
        progress.advance(bar, len(chunk.rows))


def _wait(door: Door, journal: Journal, progress: Progress, wait_s: float) -> bool:
    """Until every row that was taken in has its verdict, or none came for so long. Answers whether all have."""
    waiting = {pushed.batch_id: pushed.accepted for pushed in journal.pushed.values()}
    total = before = sum(waiting.values())
    bar = progress.add_task("verdicts", total=total)
    pause, last_news = LOOK_EVERY_S, time.monotonic()
    while True:
        waiting = {batch_id: door.batch(batch_id, limit=1)["counts"]["received"] for batch_id in waiting}
        waiting = {batch_id: rows for batch_id, rows in waiting.items() if rows}
        left = sum(waiting.values())
        progress.update(bar, completed=total - left)
        if not left:
            return True
        if left < before:
            before, pause, last_news = left, LOOK_EVERY_S, time.monotonic()
        elif time.monotonic() - last_news > wait_s:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, LOOK_AT_LEAST_EVERY_S)


def _verdicts(door: Door, table: Table, mapping: Mapping, journal: Journal) -> Iterator[Verdict]:
    for chunk in chunks(table, mapping, journal.undertaking.rows_at_once):
        yield from verdicts_of(door, chunk, journal.pushed.get(chunk.number))
