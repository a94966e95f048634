"""Passwords are kept as argon2id hashes. Making or checking one costs some 25 ms of CPU: never on the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from chassis.errors import Unavailable
from chassis.i18n import say

T = TypeVar("T")

SHORTEST, LONGEST = 10, 200
# OWASP's second choice: 19 MiB and two passes, so that many may sign in at once on a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = 2
_MOST_WAITING = 100


def hash_password(password: str) -> str:
    """The hash to keep."""
    return _HASHER.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. No hash takes as long as a wrong one, so that time does not tell who exists."""
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")


class HashingThreads:
    """As many as may eat CPU at once: sign-ins must not starve everything else of this process."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
        self._inside = 0

    @staticmethod
    @cache
    def of_this_process() -> "HashingThreads":
        """The ones that everybody uses."""
        return HashingThreads()

    async def check(self, password_hash: str | None, password: str) -> bool:
        """``is_right``, in a thread; raises Unavailable when too many are waiting."""
        return await self._run(partial(is_right, password_hash, password))

    async def hash(self, password: str) -> str:
        """``hash_password``, in a thread; raises Unavailable when too many are waiting."""
        return await self._run(partial(hash_password, password))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._inside >= _MOST_WAITING:
            raise Unavailable(say("Too many are signing in at once. Try again shortly."), headers={"Retry-After": "2"})
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._inside -= 1
