"""``relata push-leads`` against a running Relata: every row gets its verdict, none is lost and none doubled."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.deploy.conftest import Run
from tests.installation import ROOT, Installation, partner_key


@pytest.fixture(scope="module")
def admin(relata: Installation) -> Iterator[httpx.Client]:
    with relata.sign_in() as client:
        yield client


@pytest.fixture
def key(admin: httpx.Client) -> str:
    return partner_key(admin, f"Đối tác {uuid4().hex[:6]}")


@pytest.fixture
def push(relata: Installation, key: str, relata_command: Run) -> Run:
    def run(file: Path, *options: str, **settings: str) -> Any:
        return relata_command("push-leads", str(file), "--base-url", relata.url, *options, **{"key": key} | settings)

    return run


def leads_file(path: Path, count: int, *, columns: str = "name,phone", encoding: str = "utf-8") -> Path:
    """So many people whom nobody has seen before."""
    mark = uuid4().int % 10_000
    rows = "".join(f"Nguyễn Văn {number},09{mark:04}{number:04}\n" for number in range(count))
    path.write_text(f"{columns}\n{rows}", encoding=encoding)
    return path


def verdicts(file: Path) -> list[dict[str, str]]:
    with file.with_name(file.name + ".verdicts.csv").open(encoding="utf-8-sig", newline="") as written:
        return list(csv.DictReader(written))


def pushed(relata: Installation, key: str) -> int:
    """How many submissions this partner has."""
    with relata.client(authorization=f"Bearer {key}") as partner:
        total: int = partner.get("/partner/leads", params={"count": "true", "limit": 1}).json()["total"]
        return total


def test_every_row_gets_a_verdict(push: Run, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    phone = f"09{uuid4().int % 10**8:08}"
    file.write_text(
        "id,name,phone,source\n"
        f"=1+1,Đào,{phone},Zalo\n"
        f"B,Đào lại,+84{phone[1:]},Facebook\n"
        "C,không ai,,Zalo\n"
        f"D,xa,{'9' * 120},Zalo\n"
        f"E,thừa,{phone},Zalo,Zalo\n",
        encoding="utf-8",
    )
    ended = push(file, "-m", "external_id=id", "-m", "name=name", "-m", "phone=phone", "-m", "source=source")
    assert ended.returncode == 0, ended.stderr
    told = verdicts(file)
    assert [row["status"] for row in told] == ["created", "merged", "rejected", "rejected", "rejected"]
    assert [row["external_id"] for row in told] == [
        "'=1+1",
        "B",
        "C",
        "D",
        "E",
    ]  # no spreadsheet takes it for a formula
    assert told[0]["lead_id"] == told[1]["lead_id"] != ""
    assert told[2]["reason"] == "Give at least one of email and phone."
    assert told[3]["reason"].startswith("/phone ")
    assert told[4]["reason"] == "the row has 5 cells, the header 4"
    assert "Zalo" in ended.stdout and "rejected" in ended.stdout


def test_vietnamese_names_arrive_whole(push: Run, admin: httpx.Client, tmp_path: Path) -> None:
    file = leads_file(tmp_path / "leads.csv", 1, encoding="utf-16", columns="Tên\tSĐT")
    file.write_text(file.read_text("utf-16").replace(",", "\t").replace("Nguyễn", "Nguyễn Đặng Thuỳ"), "utf-16")
    assert push(file, "-m", "name=Tên", "-m", "phone=sđt").returncode == 0
    (row,) = verdicts(file)
    assert admin.get(f"/leads/{row['lead_id']}").json()["full_name"] == "Nguyễn Đặng Thuỳ Văn 0"


def test_pushed_again_nothing_happens_twice(push: Run, relata: Installation, key: str, tmp_path: Path) -> None:
    file = leads_file(tmp_path / "leads.csv", 30)
    assert push(file, "--rows-at-once", "10").returncode == 0
    before = verdicts(file)
    again = push(file, "--rows-at-once", "7")
    assert again.returncode == 0
    assert "Going on after 3 chunks" in again.stderr
    assert verdicts(file) == before
    (tmp_path / "leads.csv.push").unlink()  # even with its memory gone
    assert push(file, "--rows-at-once", "10").returncode == 0
    assert verdicts(file) == before
    assert pushed(relata, key) == 30


def test_killed_anywhere_and_started_again_no_row_is_lost_or_doubled(
    push: Run, relata: Installation, key: str, tmp_path: Path
) -> None:
    file = leads_file(tmp_path / "leads.csv", 240)
    journal = tmp_path / "leads.csv.push"
    killed_at = []
    for chunks_before in (1, 8):
        process = begin_to_push(file, relata, key)
        while lines(journal) < chunks_before + 1 and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed_at.append(lines(journal) - 1)
        torn = journal.read_bytes().rsplit(b"\n", 2)[0] + b'\n{"chunk": 9'
        journal.write_bytes(torn)  # the last chunk went out, and the line that says so was torn off
    assert 1 <= killed_at[0] < 60, "it was killed in between"
    assert push(file).returncode == 0
    assert pushed(relata, key) == 240
    assert Counter(row["status"] for row in verdicts(file)) == {"created": 240}


def begin_to_push(file: Path, relata: Installation, key: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "deploy.cli", "push-leads", str(file), "--base-url", relata.url]
    return subprocess.Popen(
        [*command, "--rows-at-once", "4"],
        cwd=ROOT,
        env=os.environ | {"RELATA_KEY": key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def complaint(ended: Any) -> str:
    assert ended.returncode == 1, ended.stdout
    last: str = ended.stderr.strip().splitlines()[-1]
    return last.removeprefix("relata: ")


def test_what_is_wrong_is_said_in_one_line(push: Run, tmp_path: Path) -> None:
    file = leads_file(tmp_path / "leads.csv", 2)
    assert complaint(push(tmp_path / "other.csv")).startswith(f"{tmp_path}/other.csv cannot be read")
    assert complaint(push(file, "-m", "phone=Mobile")).startswith("there is no column 'Mobile'")
    assert "does not know this key (401)" in complaint(push(file, key="rk_00000000_nobody"))
    assert complaint(push(file, "--base-url", "ftp://x")).startswith("--base-url ftp://x: must look like")
    assert complaint(push(file, "--base-url", "http://127.0.0.1:1")).startswith("http://127.0.0.1:1 does not answer")
    assert complaint(push(file, "--encoding", "klingon")).startswith("there is no encoding 'klingon'")
    assert complaint(push(file, "--state", "/proc/none")).startswith("/proc/none, where the progress is kept")


def test_a_key_without_the_right_is_told_so(push: Run, admin: httpx.Client, tmp_path: Path) -> None:
    other = admin.post("/keys", json={"name": "feed", "scopes": ["events:read"]}).json()["secret"]
    assert complaint(push(leads_file(tmp_path / "leads.csv", 2), key=other)).startswith("this key may not push leads")


def test_a_changed_file_does_not_go_on_with_the_old_ones_progress(push: Run, tmp_path: Path) -> None:
    file = leads_file(tmp_path / "leads.csv", 3)
    assert push(file).returncode == 0
    leads_file(file, 4)
    assert "an earlier push in which the file was another" in complaint(push(file))
    assert push(file, "--state", str(tmp_path / "second.push")).returncode == 0
    assert len(verdicts(file)) == 4
