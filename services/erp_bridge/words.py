"""Sentences that wait in the database to be read in anybody's language."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from chassis.i18n import LANGUAGES, Catalogue, Text, say
from chassis.service import Node

Kept = dict[str, Any]
"""``{"template", "values"}``: a sentence as it is stored."""


def keep(sentence: str) -> Kept:
    """The sentence as it is stored; one without a template is its own."""
    if isinstance(sentence, Text) and hasattr(sentence, "template"):
        return {"template": sentence.template, "values": {name: str(each) for name, each in sentence.values.items()}}
    return {"template": "{words}", "values": {"words": str(sentence)}}


def again(kept: Kept) -> Text:
    """The sentence again."""
    return say(kept["template"], **kept["values"])


def in_every_language(tx: Session, sentence: Text) -> dict[str, str]:
    """By language, for events: who reads them has no catalogue of ours."""
    node: Node = tx.info["node"]
    catalogue = _catalogue(node.service.messages)
    return {language: catalogue.text(sentence, language) for language in LANGUAGES}


@lru_cache(maxsize=4)
def _catalogue(folder: Path | None) -> Catalogue:
    return Catalogue(*([folder] if folder else []))
