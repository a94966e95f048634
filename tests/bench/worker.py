"""A worker process for the bench: ``python -m tests.bench.worker bulk``."""

import sys


def main() -> None:
    from chassis.green import green_process

    green_process()
    from chassis.nameko_host import host_worker
    from chassis.service import Node
    from chassis.settings import load_settings
    from tests.bench.pair import BULK, ONE_BY_ONE

    service = BULK if sys.argv[1] == "bulk" else ONE_BY_ONE
    settings = load_settings()
    host_worker(Node(service, settings, pool_size=settings.worker_pool + 2), lambda node: None)


if __name__ == "__main__":
    main()
