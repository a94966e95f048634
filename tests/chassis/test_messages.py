"""What people read: every sentence of the chassis has its Vietnamese, and every translation is still said."""

import ast
import json
from pathlib import Path

import pytest

import chassis
from chassis.i18n import LANGUAGES, Catalogue, choose_language, complaint, say

CHASSIS = Path(chassis.__file__).parent
VIETNAMESE = json.loads((CHASSIS / "messages" / "vi.json").read_text(encoding="utf-8"))


def said():
    """Every literal that the chassis hands to ``say``."""
    for source in CHASSIS.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield first.value


def test_every_sentence_has_its_vietnamese():
    assert set(said()) - set(VIETNAMESE["texts"]) == set()


def test_no_translation_outlives_its_sentence():
    assert set(VIETNAMESE["texts"]) - set(said()) == set()


@pytest.mark.parametrize("sentence", sorted(VIETNAMESE["texts"]))
def test_a_translation_names_the_same_values(sentence):
    def names(template):
        return {part.split("}")[0] for part in template.split("{")[1:]}

    assert names(VIETNAMESE["texts"][sentence]) == names(sentence)


def test_a_sentence_is_an_english_string_that_can_be_said_again(tmp_path):
    catalogue = Catalogue()
    sentence = say("At most {limit} values.", limit=3)
    assert sentence == "At most 3 values."
    assert catalogue.text(sentence, "vi") == "Tối đa 3 giá trị."
    assert catalogue.text(sentence, "en") == "At most 3 values."
    assert catalogue.text("Nobody translated {this}.", "vi") == "Nobody translated {this}."


def test_a_service_brings_its_own_words(tmp_path):
    (tmp_path / "vi.json").write_text('{"titles": {"no_stock": "Hết hàng"}, "texts": {"Gone.": "Hết."}}')
    catalogue = Catalogue(tmp_path)
    assert catalogue.title("no_stock", "vi") == "Hết hàng"
    assert catalogue.title("no_stock", "en") == "No stock"
    assert catalogue.text(say("Gone."), "vi") == "Hết."
    assert catalogue.title("not_found", "vi") == "Không tìm thấy"


def test_a_complaint_of_pydantic_is_translated_by_its_kind():
    catalogue = Catalogue()
    short = complaint("string_too_short", "String should have at least 3 characters", {"min_length": 3})
    assert catalogue.text(short, "vi") == "Phải có ít nhất 3 ký tự"
    assert catalogue.text(short, "en") == "String should have at least 3 characters"
    unknown = complaint("quite_new", "Something {odd}", {})
    assert catalogue.text(unknown, "vi") == "Something {odd}"
    own = complaint("value_error", "Value error, {x}", {"error": ValueError("{x} is odd")})
    assert catalogue.text(own, "en") == "{x} is odd"


@pytest.mark.parametrize(
    ("header", "own", "language"),
    [
        ("", None, "en"),
        ("vi", None, "vi"),
        ("vi-VN,vi;q=0.9,en-US;q=0.8", None, "vi"),
        ("en;q=0.5, vi;q=0.7", None, "vi"),
        ("fr, de", "vi", "vi"),
        ("fr", "fr", "en"),
        ("vi;q=0", None, "en"),
        ("*", "vi-VN", "vi"),
        ("x" * 10_000, None, "en"),
    ],
)
def test_the_language_is_the_best_that_reader_and_we_have(header, own, language):
    assert choose_language(header, own) == language
    assert language in LANGUAGES
