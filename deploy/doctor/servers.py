"""What the installation leans on beside its databases: broker, cache, its own gateway."""

from collections.abc import Iterator

import httpx
import redis

from chassis.bindings import missing_bindings
from chassis.settings import Settings
from chassis.topology import BrokerError, Names, connect, depth, queues_of
from deploy.doctor.finding import Finding, ok, problem, reason, warning
from deploy.installation import GATEWAY, NAMES, all_services
from deploy.ports import upstream_url

DEEP = 10_000
WITHIN_S = 3.0


def examine_broker(settings: Settings) -> Iterator[Finding]:
    """Queues, who consumes them, what lies in them, and whether events still reach them."""
    if settings.bus_url == "memory://":
        yield ok("bus: in memory, as one process uses it")
        return
    if settings.database_url.startswith("sqlite"):
        yield problem(
            "a broker is set, and databases that are files: several processes would wait for each other",
            "set RELATA_DATABASE_URL to PostgreSQL",
        )
    try:
        found = depth(settings.bus_url, settings.prefix, all_services())
        yield ok("broker: answers")
        yield from _queues(settings, found)
        yield from _dead_letters(settings)
        if found and all(consumers for _, consumers in found.values()):
            yield from _bindings(settings)
    except (BrokerError, OSError) as error:
        yield problem(f"broker: does not answer ({reason(error)})", "start RabbitMQ, or correct RELATA_BUS_URL")


def _queues(settings: Settings, found: dict[str, tuple[int, int]]) -> Iterator[Finding]:
    names = Names(settings.prefix)
    for service in all_services():
        for queue in queues_of(service, names):
            if queue not in found:
                yield warning(f"broker: there is no queue {queue} yet", "start the relay, which declares it")
                continue
            messages, consumers = found[queue]
            text = f"broker: {queue} holds {messages} events and has {consumers} consumers"
            if not consumers:
                yield problem(text, f"start `relata work {service.name}`")
            elif messages > DEEP:
                yield warning(text, f"start another `relata work {service.name}`")
            else:
                yield ok(text)


def _dead_letters(settings: Settings) -> Iterator[Finding]:
    names = Names(settings.prefix)
    connection = connect(settings.bus_url)
    try:
        for service in all_services():
            try:
                channel = connection.channel()
                state = channel.queue_declare(names.dead_letters(service.name), passive=True)
            except BrokerError:
                continue  # none was ever declared
            if count := state.method.message_count:
                yield warning(
                    f"broker: {names.dead_letters(service.name)} holds {count} messages that it gave up on",
                    "look at them in RabbitMQ's management pages",
                )
    finally:
        connection.close()


def _bindings(settings: Settings) -> Iterator[Finding]:
    missing = missing_bindings(settings.bus_url, settings.prefix, all_services())
    for queue, key in missing:
        yield problem(f"broker: events {key} do not reach {queue}", "the relay declares it again within a minute")
    if not missing:
        yield ok("broker: every event type reaches the queues that need it")


def examine_cache(settings: Settings) -> Iterator[Finding]:
    """Redis, which nothing is lost without."""
    if settings.cache_url == "memory://":
        yield ok("cache: in memory, as one process uses it")
        return
    client = redis.Redis.from_url(settings.cache_url, socket_timeout=WITHIN_S, socket_connect_timeout=WITHIN_S)
    try:
        client.ping()
        yield ok("cache: Redis answers")
    except (redis.RedisError, OSError) as error:
        yield warning(
            f"cache: Redis does not answer ({reason(error)})",
            "start it, or correct RELATA_CACHE_URL; until then each process counts its own rate limits",
        )
    finally:
        client.close()


def examine_gateway(settings: Settings, base_url: str) -> Iterator[Finding]:
    """The public door and, in a fleet, what stands behind it."""
    doors = {"gateway": base_url}
    if settings.bus_url != "memory://":
        doors |= {name: upstream_url(settings, name) for name in NAMES if name != GATEWAY}
    for name, url in doors.items():
        try:
            status = httpx.get(f"{url}/ready", timeout=WITHIN_S).status_code
        except httpx.TransportError as error:
            yield warning(
                f"{name}: nobody answers at {url} ({type(error).__name__})", "start `relata up` or `relata fleet`"
            )
            continue
        if status == 200:
            yield ok(f"{name}: ready at {url}")
        else:
            yield problem(f"{name}: answers {status} at {url}/ready", "look at its log")
