"""What people read, in their language. English stands in the code, other languages in ``messages/<language>.json``.

A catalogue has three parts: ``titles`` by error code, ``texts`` by the English sentence (gettext's way), and
``validation`` by pydantic's error type. Services bring a folder of their own, laid over the chassis's.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NewType

LANGUAGES = ("en", "vi")

Language = NewType("Language", str)
"""The language of the reader; a route that asks for it by this type gets it."""

_CHASSIS = Path(__file__).parent / "messages"
_CHOICE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q\s*=\s*([01](?:\.\d{1,3})?))?\s*$")


class Text(str):
    """An English sentence that remembers its template and values, so that it can be said in another language."""

    template: str
    values: Mapping[str, Any]
    kind: str = ""


def say(template: str, /, **values: object) -> Text:
    """``say("At most {limit} items", limit=5)``: an ordinary string that ``Catalogue.text`` can still translate."""
    text = Text(template.format(**values) if values else template)
    text.template, text.values = template, values
    return text


def complaint(kind: str, message: str, values: Mapping[str, Any]) -> Text:
    """What pydantic has against a value: ``kind`` is its error type, ``values`` its context (limits and the like)."""
    own = values.get("error")
    if kind == "value_error" and isinstance(own, ValueError) and own.args:  # a validator of ours: its own sentence
        return own.args[0] if isinstance(own.args[0], Text) else say(str(own.args[0]))
    text = Text(message)
    text.template, text.values, text.kind = message, values, kind
    return text


class Catalogue:
    """The messages of one service: the chassis's own, then those in its folders of ``<language>.json`` files."""

    def __init__(self, *folders: Path) -> None:
        self._parts = {language: _load(language, (_CHASSIS, *folders)) for language in LANGUAGES}

    def title(self, code: str, language: str) -> str:
        """The short name of an error code; the code itself in words when no catalogue has it."""
        for choice in (language, "en"):
            if found := self._parts[choice]["titles"].get(code):
                return found
        return code.replace("_", " ").capitalize()

    def text(self, text: str, language: str) -> str:
        """The sentence in that language, or the English one when nobody has translated it."""
        if not isinstance(text, Text):
            return self._parts[language]["texts"].get(text, text)
        part = self._parts[language]["validation" if text.kind else "texts"]
        template = part.get(text.kind or text.template)
        if template is None:
            return str(text)
        try:
            return template.format(**text.values)
        except (KeyError, IndexError):  # a translation that names a value this message does not have
            return str(text)


def _load(language: str, folders: tuple[Path, ...]) -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {"titles": {}, "texts": {}, "validation": {}}
    for folder in folders:
        file = folder / f"{language}.json"
        if file.exists():
            for part, entries in json.loads(file.read_text(encoding="utf-8")).items():
                merged[part].update(entries)
    return merged


@lru_cache(maxsize=256)
def choose_language(accept_language: str, own: str | None = None) -> Language:
    """The language to answer in: the best supported one of ``Accept-Language``, else the caller's own, else English."""
    best, weight = "", 0.0
    for choice in accept_language[:200].split(","):
        match = _CHOICE.match(choice)
        if match is None:
            continue
        language, quality = match[1].lower(), float(match[2] or 1)
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    if best:
        return Language(best)
    language = (own or "").split("-")[0].split("_")[0].lower()
    return Language(language if language in LANGUAGES else "en")
