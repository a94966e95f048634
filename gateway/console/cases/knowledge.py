"""Which articles may help with a case."""

import asyncio
from collections import Counter
from itertools import pairwise

from gateway.console.calling import Page, Record, if_allowed
from gateway.console.visits import Visit

_SHOWN = 5
_MOST_PAIRS = 6
_NONE = Page([])


async def suggestions(visit: Visit, find: str, subject: str) -> list[Record]:
    """Published articles for what was typed; while nothing is, those that share words with the subject."""
    if find.strip():
        return (await _search(visit, find.strip()[:200])).items
    pages = await asyncio.gather(*(_search(visit, pair) for pair in pairs_of(subject)))
    known = {each["id"]: each for page in pages for each in page.items}
    often = Counter(each["id"] for page in pages for each in page.items)
    return [known[article_id] for article_id, _ in often.most_common(_SHOWN)]


def pairs_of(subject: str) -> list[str]:
    """Neighbouring words: one syllable of Vietnamese says little, two are mostly a word."""
    words = [word for each in subject.split() if (word := each.strip('.,:;?!()"“”'))]
    return [f"{one} {other}" for one, other in pairwise(words)][:_MOST_PAIRS] or words


async def _search(visit: Visit, words: str) -> Page:
    found: Page = await if_allowed(
        visit.api.page("/articles", q=words, status="published", limit=_SHOWN, sort="-published_at"), _NONE
    )
    return found
