"""How often a form may be filled in: enough for a busy campaign and for an office behind one address."""

from functools import lru_cache

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from chassis.errors import TooMany
from chassis.i18n import say
from chassis.settings import Settings

PER_FORM = RateLimitItemPerMinute(600)
PER_VISITOR = RateLimitItemPerMinute(20)
_RETRY_AFTER_S = 60

log = structlog.get_logger(__name__)


def count_answer(settings: Settings, form_id: str, visitor: str) -> None:
    """Count one more answer; raises TooMany. While the cache is away each process counts for itself."""
    checks = ((PER_VISITOR, ("form", form_id, visitor)), (PER_FORM, ("form", form_id)))
    if not all(_hit(settings, item, names) for item, names in checks):
        raise TooMany(
            say("This form was filled in too often. Try again in a minute."),
            headers={"Retry-After": str(_RETRY_AFTER_S)},
        )


def _hit(settings: Settings, item: RateLimitItemPerMinute, names: tuple[str, ...]) -> bool:
    if settings.cache_url != "memory://":
        try:
            return _limiter(settings.cache_url, settings.prefix).hit(item, *names)
        except StorageError:
            log.warning("counting by ourselves: the cache is away")
    return _limiter("memory://", settings.prefix).hit(item, *names)


@lru_cache(maxsize=8)
def _limiter(cache_url: str, prefix: str) -> FixedWindowRateLimiter:
    if cache_url == "memory://":
        return FixedWindowRateLimiter(_storage(cache_url))
    timeouts = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}
    return FixedWindowRateLimiter(_storage(cache_url, key_prefix=f"{prefix}:forms", wrap_exceptions=True, **timeouts))


def _storage(url: str, **options: str | float | bool) -> Storage:
    return storage_from_string(url, **options)  # type: ignore[return-value]
