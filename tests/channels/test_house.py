"""Channels keeps its own house: migrations that make the models, an index for each filter, words in two languages."""

import json
from pathlib import Path

import pytest

from chassis.i18n import Catalogue
from chassis.migrations.draft import drift
from chassis.settings import Settings
from services.channels import service
from services.channels.forms.api import FORMS
from services.channels.intake.api import PUSHED_LEADS, SUBMISSIONS
from services.channels.service import CHANNELS
from services.channels.webhooks.api import WEBHOOKS
from tests.chassis.engines import ENGINES, database_url

HOME = Path(service.__file__).parent


@pytest.mark.parametrize("engine", ENGINES)
def test_the_models_and_their_migrations_agree(engine: str, tmp_path: Path) -> None:
    with database_url(engine, tmp_path) as url:
        assert drift(CHANNELS, Settings(database_url=url)) == []


@pytest.mark.parametrize("listing", [PUSHED_LEADS, SUBMISSIONS, FORMS, WEBHOOKS])
def test_every_published_filter_and_sort_has_an_index(listing):
    assert listing.missing_indexes() == []


def test_whatever_people_read_is_translated() -> None:
    said = set(json.loads((HOME / "messages" / "vi.json").read_text(encoding="utf-8"))["texts"])
    source = "\n".join(path.read_text(encoding="utf-8") for path in HOME.rglob("*.py"))
    assert [text for text in sorted(said) if text not in source] == []
    catalogue = Catalogue(HOME / "messages")
    for text in _sentences(source):
        assert catalogue.text(text, "vi") != text, text


def _sentences(source: str) -> list[str]:
    import ast
    import re

    return [ast.literal_eval(literal) for literal in re.findall(r'\bsay\(\s*("(?:[^"\\]|\\.)*")', source)]
