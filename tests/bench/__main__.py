"""``make bench``: measures everything on this machine, prints a table, asserts nothing about time.

python -m tests.bench                 all, about twelve minutes
python -m tests.bench push batch      only these; --short for a tenth of the time
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests import servers
from tests.bench import embedded, events, fleet, limits
from tests.bench.report import Row, table
from tests.installation import installation

FLEET: dict[str, Callable[[fleet.Bench], Iterable[Row]]] = {
    "push": fleet.push,
    "cpu": fleet.cpu_per_lead,
    "visible": fleet.visible,
    "sustained": fleet.sustained,
    "batch": fleet.batch,
    "read": fleet.reads,
    "memory": fleet.memory,
    "million": fleet.million,
}
OTHERS: dict[str, Callable[[float], Iterable[Row]]] = {
    "relay": events.relay_rate,
    "worker": events.worker_rate,
    "embedded": embedded.everything,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", choices=[[], *FLEET, *OTHERS], default=[])
    parser.add_argument("--short", action="store_true", help="a tenth of the time: to see that it works")
    asked = parser.parse_args()
    scale = 0.1 if asked.short else 1.0
    parts = asked.parts or [*FLEET, *OTHERS]
    rows: list[Row] = []
    postgres = limits.postgres_transactions(servers.postgres_url())
    rabbit = limits.rabbitmq_confirms(servers.amqp_url())
    sqlite = limits.sqlite_transactions()
    rows.append(Row("PostgreSQL here: transactions of two inserts, 8 clients", postgres, "tx/s"))
    rows.append(Row("RabbitMQ here: confirmed messages, quorum queue", rabbit, "msg/s"))
    rows.append(Row("SQLite here: transactions of two inserts, WAL, FULL", sqlite, "tx/s"))
    print(table(rows), flush=True)
    chosen = [name for name in FLEET if name in parts]
    if chosen:
        with (
            tempfile.TemporaryDirectory() as folder,
            installation("fleet", Path(folder), log_level="WARNING", http_pool="") as relata,
        ):
            bench = fleet.Bench(relata, scale, postgres, rabbit)
            for name in chosen:
                rows += _shown(FLEET[name](bench))
    for name, measure in OTHERS.items():
        if name in parts:
            rows += _shown(measure(scale))
    print("\n" + table(rows))


def _shown(rows: Iterable[Row]) -> list[Row]:
    found = list(rows)
    for row in found:
        print(f"{row.name}: {row.figure:,.4g} {row.unit}", flush=True)
    return found


if __name__ == "__main__":
    main()
