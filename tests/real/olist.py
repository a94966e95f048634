"""8,000 real leads (day, landing page, origin) with the contact details of people who do not exist.

About one row in twelve repeats an earlier row's phone or e-mail address in another spelling; no other two rows share
anything. So what must become of each row follows from the file alone.
"""

import csv
import os
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from deploy.people import PeopleGenerator, respell_email, respell_phone

FILE = "olist_leads.csv"
REPEATS = 1 / 12
SEED = 20180614
COLUMNS = ("mql_id", "first_contact_date", "landing_page_id", "origin", "Họ và tên", "Điện thoại", "E-mail")
MAPPING = (
    "external_id=mql_id",
    "source=origin",
    "campaign=landing_page_id",
    "name=Họ và tên",
    "phone=Điện thoại",
    "email=E-mail",
    "custom.first_contact_date=first_contact_date",
)


@dataclass(frozen=True)
class Leads:
    """A CSV file to push, and what must come of it. ``repeats``: row number → the earlier row it repeats.

    ``ids`` are the file's own, row by row.
    """

    file: Path
    origins: dict[int, str]
    repeats: dict[int, int]
    ids: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.origins)

    @property
    def by_origin(self) -> Counter[str]:
        """How many leads each origin must have: of a repeat and its earlier row, the earlier one's counts."""
        return Counter(origin for row, origin in self.origins.items() if row not in self.repeats)


def data_folder() -> Path | None:
    """Where the real files are: RELATA_TEST_DATA, else beside the repository; None when they are not here."""
    named = os.environ.get("RELATA_TEST_DATA")
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(named) if named else beside
    return folder if (folder / FILE).is_file() else None


def leads_with_people(
    folder: Path, into: Path, count: int | None = None, *, apart: Collection[str] = (), only: Collection[str] = ()
) -> Leads:
    """Write the first so many rows (all by default), each with a person's contact details.

    ``apart``: ids of leads that repeat nobody. ``only``: these rows alone.
    """
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        real = [row for row in csv.DictReader(file) if not only or row["mql_id"] in only][:count]
    people, dice = PeopleGenerator(SEED), random.Random(SEED)
    repeats: dict[int, int] = {}
    phones: dict[int, str] = {}
    emails: dict[int, str] = {}
    free: list[int] = []
    made = []
    for number, row in enumerate(real, 1):
        person = people.person()
        name, phone, email = person.full_name, person.phone, person.email
        if free and row["mql_id"] not in apart and dice.random() < REPEATS:
            place = dice.randrange(len(free))
            repeats[number] = earlier = free.pop(place)
            if dice.random() < 0.5:
                phone = respell_phone(phones[earlier], dice)
            else:
                email = respell_email(emails[earlier], dice)
        else:
            free.append(number)
            phones[number], emails[number] = phone, email
        facts = (row["mql_id"], row["first_contact_date"], row["landing_page_id"], row["origin"])
        made.append((*facts, name, phone, email))
    with into.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(made)
    origins = {number: row["origin"] for number, row in enumerate(real, 1)}
    return Leads(into, origins, repeats, [row["mql_id"] for row in real])
