"""The import-linter contracts of pyproject.toml break on what they forbid, in a small project made for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import PRODUCT, ROOT

SOUND = {
    "chassis/clock.py": "",
    "chassis/amqp.py": "import pika",
    "chassis/nameko_host.py": "def host():\n    import eventlet\n    import nameko.runners",
    "events/sales.py": "import chassis.clock",
    "services/channels/intake/model.py": "import sqlalchemy",
    "services/channels/adapters/email.py": "import httpx",
    "services/sales/leads/model.py": "import events.sales",
    "services/sales/leads/queries.py": "import services.sales.leads.model",
    "services/sales/leads/actions.py": "import services.sales.leads.queries",
    "services/sales/leads/api.py": "import services.sales.leads.actions",
    "services/sales/contacts/model.py": "",
    "services/sales/reactions.py": "import services.sales.leads.actions",
    "services/sales/service.py": "import services.sales.reactions",
    "gateway/proxy.py": "import chassis.clock",
    "deploy/cli.py": "import gateway.proxy, services.sales.service, chassis.nameko_host",
}

BROKEN = {
    "the chassis knows an event": ("chassis/clock.py", "import events.sales", "down"),
    "an event knows a service": ("events/sales.py", "import services.sales.leads.model", "down"),
    "the gateway knows a service": ("gateway/proxy.py", "import services.sales.service", "down"),
    "sales knows channels": ("services/sales/reactions.py", "import services.channels.intake.model", "neighbours"),
    "a reaction knows its manifest": ("services/sales/reactions.py", "import services.sales.service", "house"),
    "a model knows an action": ("services/sales/leads/model.py", "import services.sales.leads.actions", "noun"),
    "two nouns know each other": (
        "services/sales/contacts/model.py",
        "import services.sales.leads.model as m\n",
        "nouns",
    ),
    "an event knows the web": ("events/sales.py", "import fastapi", "pure-events"),
    "a model knows the broker": ("services/sales/leads/model.py", "import kombu", "pure-models"),
    "a second door to nameko": ("services/sales/reactions.py", "import nameko.events", "nameko-door"),
    "a second door to eventlet": ("chassis/clock.py", "import eventlet", "nameko-door"),
    "a second door to pika": ("deploy/cli.py", "import pika", "pika-door"),
    "an adapter knows the database": ("services/channels/adapters/email.py", "import sqlalchemy", "adapters"),
    "an adapter knows a model": (
        "services/channels/adapters/email.py",
        "import services.channels.intake.model",
        "adapters",
    ),
}


def lint(folder: Path, files: dict[str, str], contract: str | None = None) -> subprocess.CompletedProcess[str]:
    for package in PRODUCT:
        (folder / package).mkdir(exist_ok=True)
        (folder / package / "__init__.py").touch()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in path.relative_to(folder).parents[:-1]:
            (folder / parent / "__init__.py").touch()
        path.write_text(text)
    command = [str(Path(sys.executable).parent / "lint-imports"), "--config", str(ROOT / "pyproject.toml"), "--no-logo"]
    command += ["--no-cache", *(["--contract", contract] if contract else [])]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_sound_project_keeps_every_contract(tmp_path: Path):
    done = lint(tmp_path, SOUND)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_a_project_without_services_keeps_every_contract(tmp_path: Path):
    done = lint(tmp_path, {})
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("case", BROKEN)
def test_the_contract_breaks_when(case: str, tmp_path: Path):
    name, text, contract = BROKEN[case]
    extra = {"services/sales/leads/model.py": "import services.sales.contacts.model"} if contract == "nouns" else {}
    done = lint(tmp_path, {**SOUND, **extra, name: text}, contract)
    assert done.returncode == 1, done.stdout
    assert " 1 broken" in done.stdout
