"""The 34 provinces and cities of Vietnam since 1 July 2025."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Province:
    """`code` is the statistics office's, `people` are thousands; `area_codes` serve the provinces that were merged."""

    code: str
    name: str
    people: int
    tax_prefix: str
    area_codes: tuple[str, ...]
    is_southern: bool = False


# Resolution 202/2025/QH15 made 63 into 34, Decision 19/2025/QĐ-TTg has the codes. Đồng Nai: a city since 30 April 2026.
PROVINCES = (
    Province("01", "Thành phố Hà Nội", 8808, "01", ("24",)),
    Province("04", "Tỉnh Cao Bằng", 573, "48", ("206",)),
    Province("08", "Tỉnh Tuyên Quang", 1866, "50", ("207", "219")),
    Province("11", "Tỉnh Điện Biên", 673, "56", ("215",)),
    Province("12", "Tỉnh Lai Châu", 512, "62", ("213",)),
    Province("14", "Tỉnh Sơn La", 1404, "55", ("212",)),
    Province("15", "Tỉnh Lào Cai", 1779, "53", ("214", "216")),
    Province("19", "Tỉnh Thái Nguyên", 1799, "46", ("208", "209")),
    Province("20", "Tỉnh Lạng Sơn", 881, "49", ("205",)),
    Province("22", "Tỉnh Quảng Ninh", 1497, "57", ("203",)),
    Province("24", "Tỉnh Bắc Ninh", 3619, "23", ("222", "204")),
    Province("25", "Tỉnh Phú Thọ", 4022, "26", ("210", "211", "218")),
    Province("31", "Thành phố Hải Phòng", 4664, "02", ("225", "220")),
    Province("33", "Tỉnh Hưng Yên", 3568, "09", ("221", "227")),
    Province("37", "Tỉnh Ninh Bình", 4413, "27", ("229", "226", "228")),
    Province("38", "Tỉnh Thanh Hóa", 4324, "28", ("237",)),
    Province("40", "Tỉnh Nghệ An", 3831, "29", ("238",)),
    Province("42", "Tỉnh Hà Tĩnh", 1622, "30", ("239",)),
    Province("44", "Tỉnh Quảng Trị", 1871, "32", ("233", "232")),
    Province("46", "Thành phố Huế", 1433, "33", ("234",)),
    Province("48", "Thành phố Đà Nẵng", 3066, "04", ("236", "235"), is_southern=True),
    Province("51", "Tỉnh Quảng Ngãi", 2162, "43", ("255", "260"), is_southern=True),
    Province("52", "Tỉnh Gia Lai", 3583, "59", ("269", "256"), is_southern=True),
    Province("56", "Tỉnh Khánh Hòa", 2243, "42", ("258", "259"), is_southern=True),
    Province("66", "Tỉnh Đắk Lắk", 3346, "60", ("262", "257"), is_southern=True),
    Province("68", "Tỉnh Lâm Đồng", 3872, "58", ("263", "252", "261"), is_southern=True),
    Province("75", "Thành phố Đồng Nai", 4491, "36", ("251", "271"), is_southern=True),
    Province("79", "Thành phố Hồ Chí Minh", 14003, "03", ("28", "274", "254"), is_southern=True),
    Province("80", "Tỉnh Tây Ninh", 3254, "39", ("276", "272"), is_southern=True),
    Province("82", "Tỉnh Đồng Tháp", 4371, "14", ("277", "273"), is_southern=True),
    Province("86", "Tỉnh Vĩnh Long", 4258, "15", ("270", "275", "294"), is_southern=True),
    Province("91", "Tỉnh An Giang", 4952, "16", ("296", "297"), is_southern=True),
    Province("92", "Thành phố Cần Thơ", 4199, "18", ("292", "293", "299"), is_southern=True),
    Province("96", "Tỉnh Cà Mau", 2607, "20", ("290", "291"), is_southern=True),
)
