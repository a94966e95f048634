"""Activities and insight keep their own houses: migrations that make the models, words in two languages."""

import ast
import json
import re
from pathlib import Path

import pytest

from chassis.i18n import Catalogue
from services.activities import service as activities
from services.insight import service as insight

HOMES = [Path(str(each.__file__)).parent for each in (activities, insight)]


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.name)
def test_whatever_people_read_is_translated(home: Path) -> None:
    said = set(json.loads((home / "messages" / "vi.json").read_text(encoding="utf-8"))["texts"])
    source = "\n".join(path.read_text(encoding="utf-8") for path in home.rglob("*.py"))
    assert [text for text in sorted(said) if text not in source] == []
    catalogue = Catalogue(home / "messages")
    sentences = [ast.literal_eval(literal) for literal in re.findall(r'\bsay\(\s*("(?:[^"\\]|\\.)*")', source)]
    untranslated = [text for text in sentences if catalogue.text(text, "vi") == text]
    assert untranslated == ["{said}", "{kind}: {words}"] * (home.name == "activities")
