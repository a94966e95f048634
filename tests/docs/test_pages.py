"""What the pages name is there: files, commands with their options, targets, settings."""

import re
from typing import Any

import typer

from chassis.settings import Settings
from deploy.cli import app
from tests.docs.pages import ROOT, Said, commands, links, spans

# Read by the Makefile, the command line, docker-compose.yml or the tests, not by the product itself.
OTHER_VARIABLES = {"RELATA_BASE_URL", "RELATA_KEY", "RELATA_IMAGE", "RELATA_PUBLISH", "RELATA_SECRETS"}


def test_every_link_leads_to_a_file() -> None:
    found = list(links())
    assert len(found) > 20
    assert [str(said) for said in found if not (said.page.parent / said.text.partition("#")[0]).exists()] == []


def test_every_anchor_is_a_heading_of_its_page() -> None:
    for said in links():
        file, _, anchor = said.text.partition("#")
        if anchor:
            target = (said.page.parent / file) if file else said.page
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings}, said


def test_every_file_that_is_named_is_there() -> None:
    named = [said for said in spans() if re.fullmatch(r"[a-z_.]+(/[a-z0-9_.-]+)+\.(py|md|ya?ml|toml)", said.text)]
    assert [str(said) for said in named if not any((at / said.text).exists() for at in (ROOT, said.page.parent))] == []


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = commands("make")
    assert len(named) > 8
    assert [str(said) for said in named if said.text.split()[1] not in targets] == []


def test_every_relata_command_that_is_named_is_there() -> None:
    named = commands("relata")
    assert len(named) > 12
    whole = typer.main.get_command(app)
    for said in named:
        words = said.text.split()[1:]
        command: Any = whole
        while inner := getattr(command, "commands", None):
            assert words, said
            assert words[0] in inner, said
            command = inner[words.pop(0)]
        _check_options(said, command, words)


def _check_options(said: Said, command: Any, words: list[str]) -> None:
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in options, said


def test_every_setting_that_is_named_is_one() -> None:
    settings = {f"RELATA_{name.upper()}" for name in Settings.model_fields}
    known = settings | {f"{name}_FILE" for name in settings} | OTHER_VARIABLES
    named = {
        (str(said), name)
        for said in spans()
        for name in re.findall(r"\bRELATA_[A-Z_]+\b", said.text)
        if not name.startswith(("RELATA_TEST_", "RELATA_ADMIN_*"))
    }
    assert len(named) > 10
    assert {where for where, name in named if name not in known and not name.endswith("_")} == set()


def test_every_setting_is_explained() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"RELATA_{name.upper()}" not in page] == []
