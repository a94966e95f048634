"""Who works at the demo company, who sends it leads, and which: the same on every machine.

It sells compressors, generators and lifting gear, and keeps them running. Everybody is made up; the addresses belong
to nobody (RFC 2606).
"""

import random
from dataclasses import dataclass
from typing import Any

from deploy.people import PeopleGenerator, Person, respell_email, respell_phone

NAME = "Công ty Cổ phần Thiết bị Minh Quang"
DOMAIN = "minhquang.example"
SEED = 1976
LEADS = 300
REPEATED_EVERY = 12

DEPARTMENT = "Phòng Kinh doanh"
NORTH, SOUTH = "Kinh doanh miền Bắc", "Kinh doanh miền Nam"
TEAMS = (NORTH, SOUTH)


@dataclass(frozen=True)
class Employee:
    """Somebody who signs in; ``what`` says who they are in a demonstration."""

    mailbox: str
    name: str
    role: str
    team: str
    what: str

    @property
    def email(self) -> str:
        """How they sign in."""
        return f"{self.mailbox}@{DOMAIN}"


MANAGER = Employee("truongphong", "Phạm Thị Thanh Hà", "sales_manager", DEPARTMENT, "sales manager / trưởng phòng")
SELLERS = (
    Employee("xuan", "Nguyễn Minh Xuân", "salesperson", NORTH, "seller X / nhân viên X"),
    Employee("yen", "Lê Hoàng Yến", "salesperson", SOUTH, "seller Y / nhân viên Y"),
    Employee("dung", "Trần Quốc Dũng", "salesperson", NORTH, "seller / nhân viên"),
    Employee("trang", "Võ Thị Thu Trang", "salesperson", SOUTH, "seller / nhân viên"),
)
EMPLOYEES = (MANAGER, *SELLERS)

PARTNERS = (
    "Công ty TNHH Truyền thông Sao Việt",
    "Sàn Thiết bị Công nghiệp 365",
    "Hội Cơ khí và Tự động hóa Hải Phòng",
)

_SOURCES = {
    "Website": 24,
    "Facebook": 20,
    "Zalo OA": 17,
    "Google Ads": 14,
    "Hội chợ VIETBUILD": 10,
    "Giới thiệu": 9,
    "Triển lãm MTA": 6,
}
_INTERESTS = (
    "Máy nén khí trục vít 22 kW",
    "Máy nén khí trục vít 37 kW",
    "Máy sấy khí",
    "Máy phát điện dự phòng 100 kVA",
    "Máy phát điện dự phòng 250 kVA",
    "Xe nâng điện 2 tấn",
    "Cầu trục 5 tấn",
    "Bảo trì định kỳ máy nén khí",
    "Bảo trì máy phát điện trọn gói",
    "Thay lọc và dầu máy nén khí",
)
_NOTES = (
    "Muốn được gọi lại trong giờ hành chính",
    "Cần báo giá trong tuần",
    "Đang dùng máy cũ, hay dừng đột ngột",
    "Mở thêm xưởng, cần khảo sát tại chỗ",
    "Hỏi về hợp đồng bảo trì một năm",
)
REASONS = (
    "Không có nhu cầu trong năm nay",
    "Đã mua của đơn vị khác",
    "Ngoài khu vực phục vụ",
    "Không liên lạc được sau nhiều lần gọi",
)


def leads_by_partner() -> dict[str, list[dict[str, Any]]]:
    """What each partner pushes. Every twelfth lead is a person whom somebody has sent before."""
    people, dice = PeopleGenerator(SEED), random.Random(SEED)
    pushed: dict[str, list[dict[str, Any]]] = {partner: [] for partner in PARTNERS}
    before: list[Person] = []
    for number in range(1, LEADS + 1):
        place = (number - 1) * len(PARTNERS) // LEADS
        if number % REPEATED_EVERY == 0:
            lead = _again(dice.choice(before), dice)
        else:
            person = people.person()
            before.append(person)
            lead = _first(person, people, dice)
        pushed[PARTNERS[place]].append({"external_id": f"MQ-{number:04}", **lead, **_about(dice)})
    return pushed


def _first(person: Person, people: PeopleGenerator, dice: random.Random) -> dict[str, Any]:
    lead = {"name": person.full_name, "phone": person.phone, "title": person.job_title}
    if dice.random() < 0.7:
        lead["email"] = person.email
    if dice.random() < 0.8:
        lead["company"] = people.company().name
    return lead


def _again(person: Person, dice: random.Random) -> dict[str, Any]:
    lead = {"name": person.full_name, "phone": respell_phone(person.phone, dice)}
    if dice.random() < 0.5:
        lead["email"] = respell_email(person.email, dice)
    return lead


def _about(dice: random.Random) -> dict[str, Any]:
    about: dict[str, Any] = {
        "source": dice.choices(list(_SOURCES), list(_SOURCES.values()))[0],
        "product_interest": dice.choice(_INTERESTS),
    }
    if dice.random() < 0.3:
        about["note"] = dice.choice(_NOTES)
    if dice.random() < 0.7:
        about["consents"] = [{"purpose": "sales", "channel": "phone", "text_version": "2026-01"}]
    return about
