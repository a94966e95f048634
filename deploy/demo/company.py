"""Who works at the demo company, what it sells and who sends it leads: the same on every machine.

It sells compressors, generators and lifting gear, and keeps them running. Everybody is made up; the addresses belong
to nobody (RFC 2606).
"""

from dataclasses import dataclass

NAME = "Công ty Cổ phần Thiết bị Minh Quang"
DOMAIN = "minhquang.example"
SEED = 1976

COMPANY = "Ban Giám đốc"
SALES, SERVICE, ACCOUNTS = "Phòng Kinh doanh", "Phòng Dịch vụ", "Phòng Kế toán"
NORTH, SOUTH = "Kinh doanh miền Bắc", "Kinh doanh miền Nam"
# Each team with the one above it, from the top.
TEAMS = {COMPANY: None, SALES: COMPANY, NORTH: SALES, SOUTH: SALES, SERVICE: COMPANY, ACCOUNTS: COMPANY}


@dataclass(frozen=True)
class Employee:
    """Somebody who signs in. ``part`` is what they play in a demonstration, ``what`` says it to people."""

    part: str
    mailbox: str
    name: str
    role: str
    team: str
    what: str
    boss: str = ""

    @property
    def email(self) -> str:
        """How they sign in."""
        return f"{self.mailbox}@{DOMAIN}"


DIRECTOR = Employee("director", "giamdoc", "Đặng Văn Quang", "director", COMPANY, "director / giám đốc")
MANAGER = Employee(
    *("manager", "truongphong", "Phạm Thị Thanh Hà", "sales_manager", SALES, "sales manager / trưởng phòng"),
    boss=DIRECTOR.email,
)
SELLERS = (
    Employee("seller_x", "xuan", "Nguyễn Minh Xuân", "salesperson", NORTH, "seller X / nhân viên X", MANAGER.email),
    Employee("seller_y", "yen", "Lê Hoàng Yến", "salesperson", SOUTH, "seller Y / nhân viên Y", MANAGER.email),
    Employee("seller", "dung", "Trần Quốc Dũng", "salesperson", NORTH, "seller / nhân viên", MANAGER.email),
    Employee("seller", "trang", "Võ Thị Thu Trang", "salesperson", SOUTH, "seller / nhân viên", MANAGER.email),
)
SERVICE_MANAGER = Employee(
    *("service_manager", "dichvu", "Bùi Đức Thịnh", "service_manager", SERVICE),
    *("service manager / trưởng phòng dịch vụ", DIRECTOR.email),
)
AGENTS = (
    Employee(
        *("service_agent", "hotro", "Hoàng Thị Mai", "service_agent", SERVICE),
        *("service agent / nhân viên dịch vụ", SERVICE_MANAGER.email),
    ),
    Employee(
        *("agent", "baotri", "Phan Văn Lực", "service_agent", SERVICE),
        *("service agent / nhân viên dịch vụ", SERVICE_MANAGER.email),
    ),
)
ACCOUNTANT = Employee(
    *("accountant", "ketoan", "Ngô Thị Bích Ngọc", "chief_accountant", ACCOUNTS),
    *("chief accountant / kế toán trưởng", DIRECTOR.email),
)
OPERATOR = Employee("operator", "vanhanh", "Dương Anh Khoa", "operator", COMPANY, "operator / vận hành hệ thống")
EMPLOYEES = (DIRECTOR, MANAGER, *SELLERS, SERVICE_MANAGER, *AGENTS, ACCOUNTANT, OPERATOR)

PARTNERS = (
    "Công ty TNHH Truyền thông Sao Việt",
    "Sàn Thiết bị Công nghiệp 365",
    "Hội Cơ khí và Tự động hóa Hải Phòng",
)


@dataclass(frozen=True)
class Product:
    """What it sells. ``price`` in đồng before tax; ``often`` is how often it is bought beside others."""

    code: str
    name: str
    family: str
    unit: str
    price: int
    tax_code: str
    supplier: str | None
    warranty_months: int | None
    often: int


_AIR, _POWER, _LIFT, _SERVICE = "Khí nén", "Máy phát điện", "Nâng hạ", "Bảo trì"
PRODUCTS = (
    Product("KN-22", "Máy nén khí trục vít 22 kW", _AIR, "cái", 186_000_000, "VAT8", "Hitachi", 24, 9),
    Product("KN-37", "Máy nén khí trục vít 37 kW", _AIR, "cái", 268_500_000, "VAT8", "Hitachi", 24, 7),
    Product("KN-75", "Máy nén khí biến tần 75 kW", _AIR, "cái", 512_000_000, "VAT8", "Kobelco", 24, 3),
    Product("SK-40", "Máy sấy khí 4 m³/phút", _AIR, "cái", 38_900_000, "VAT8", "Orion", 12, 8),
    Product("BA-1000", "Bình tích áp 1.000 lít", _AIR, "cái", 14_750_000, "VAT8", "Minh Quang", 12, 8),
    Product("PD-100", "Máy phát điện dự phòng 100 kVA", _POWER, "tổ", 329_000_000, "VAT8", "Cummins", 18, 6),
    Product("PD-250", "Máy phát điện dự phòng 250 kVA", _POWER, "tổ", 648_000_000, "VAT8", "Cummins", 18, 3),
    Product("XN-20", "Xe nâng điện 2 tấn", _LIFT, "chiếc", 415_000_000, "VAT8", "Komatsu", 18, 5),
    Product("CT-5", "Cầu trục 5 tấn, khẩu độ 20 m", _LIFT, "bộ", 395_000_000, "VAT8", "Minh Quang", 24, 3),
    Product("LOC-B", "Bộ lọc và dầu 4.000 giờ", _SERVICE, "bộ", 6_480_000, "VAT8", "Hitachi", None, 10),
    Product("BT-QUY", "Bảo trì máy nén khí, một quý", _SERVICE, "gói", 9_200_000, "VAT8", None, None, 8),
    Product("BT-NAM", "Bảo trì trọn gói, một năm", _SERVICE, "gói", 33_600_000, "VAT8", None, None, 6),
    Product("LD-01", "Lắp đặt và chạy thử", _SERVICE, "lần", 8_500_000, "VAT10", None, None, 7),
)
