"""Promise 1: an accepted lead is never lost, and none is doubled."""

import time

from tests.faults.arena import Arena, Clients, Finding, pages
from tests.installation import eventually


def lost(arena: Arena, seed: int, scale: float) -> Finding:
    """Eight clients push while the monkey breaks one thing after the other; then heal, drain and count."""
    faults = arena.faults()
    order = list(faults)
    arena.random.shuffle(order)
    order = order[: max(3, int(len(order) * min(1.0, scale)))]
    before = dict(arena.happened)
    with Clients(arena) as clients:
        time.sleep(1.0)
        for name in order:
            faults[name]()
            time.sleep(arena.random.uniform(0.5, 3.0))
        time.sleep(2.0)
    happened = {name: arena.happened[name] - before.get(name, 0) for name in order}
    wrong = [f"this fault did not happen: {name}" for name, count in happened.items() if not count]
    accepted = {told.external_id for told in clients.told if told.outcome == "ok"}
    unknown = {told.external_id for told in clients.told if told.outcome == "unknown"}
    wrong += [told.outcome for told in clients.told if told.outcome.startswith("refused")][:5]
    verdicts = eventually(lambda: _settled(clients, accepted), within=120, every=1.0)
    missing = accepted - set(verdicts)
    unexpected = set(verdicts) - accepted - unknown
    not_created = [name for name in accepted & set(verdicts) if verdicts[name]["status"] != "created"]
    emails = [email for lead in pages(arena.admin, "/leads") for email in lead["emails"]]
    ours = [email for email in map(_plain, emails) if email.split("@")[0] in set(verdicts)]
    wrong += [f"lost: {len(missing)}"] if missing else []
    wrong += [f"unexpected: {len(unexpected)}"] if unexpected else []
    wrong += [f"accepted and not created: {len(not_created)}"] if not_created else []
    wrong += [f"doubled: {len(ours) - len(set(ours))}"] if len(ours) != len(set(ours)) else []
    wrong += [f"leads missing: {len(verdicts) - len(set(ours))}"] if len(set(ours)) != len(verdicts) else []
    retried = sum(told.attempts > 1 for told in clients.told)
    numbers = {"accepted": len(accepted), "lost": len(missing), "doubled": len(ours) - len(set(ours))}
    return Finding(1, seed, numbers | {"unknown": len(unknown), "retried": retried}, happened, wrong)


def _plain(email: object) -> str:
    return str(email["value"] if isinstance(email, dict) else email)


def _settled(clients: Clients, accepted: set[str]) -> dict[str, dict[str, object]] | None:
    found = clients.verdicts()
    waiting = [name for name in accepted if name in found and found[name]["status"] == "received"]
    return found if not waiting else None
