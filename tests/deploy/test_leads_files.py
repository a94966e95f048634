"""Any table that a spreadsheet or an export writes is read as it was meant, or refused in one line."""

import codecs
import json
from pathlib import Path

import pytest

from deploy.push_leads.chunks import chunks
from deploy.push_leads.mapping import read_mapping
from deploy.push_leads.table import open_table
from deploy.trouble import Trouble

TEXT = "mã,Họ và tên,Điện thoại\n1,Nguyễn Thị Hồng Đào,0912 345 678\n2,Đặng Thuỳ Ánh,+84 98.765.4321\n"
NAMES = ["Nguyễn Thị Hồng Đào", "Đặng Thuỳ Ánh"]


def in_1258(text: str) -> bytes:
    """As Windows writes Vietnamese: tones are characters of their own."""
    import unicodedata

    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    written = []
    for character in text:
        parts = unicodedata.normalize("NFD", character)
        base = unicodedata.normalize("NFC", "".join(each for each in parts if each not in tones))
        written.append(base + "".join(each for each in parts if each in tones))
    return "".join(written).encode("cp1258")


@pytest.mark.parametrize(
    "written",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        in_1258(TEXT),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\n\n").encode(),
    ],
    ids="utf-8 utf-8-mark utf-16 utf-16-be utf-16-no-mark windows-1258 semicolon tab crlf blank-lines".split(),
)
def test_a_table_is_read_whatever_wrote_it(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(written)
    table = open_table(file)
    assert table.columns == ("mã", "Họ và tên", "Điện thoại")
    assert table.rows == 2
    assert [row[1] for row in table.read()] == NAMES


def test_separators_and_line_ends_inside_quotation_marks_separate_nothing(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text('name;phone\n"An; Bình, Chi\nDũng ""Nguyễn""";0912345678\n', encoding="utf-8")
    assert list(open_table(file).read()) == [['An; Bình, Chi\nDũng "Nguyễn"', "0912345678"]]


def test_a_quotation_mark_in_the_middle_spoils_nothing(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text('name,phone\n"An" Nguyễn,0912345678\nmàn 32",0987654321\n', encoding="utf-8")
    assert [row[1] for row in open_table(file).read()] == ["0912345678", "0987654321"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b'name,phone\n"An,0912345678\nBinh,0987654321\n', "a quotation mark is never closed"),
        (b"name,phone\nAn \xd2 \x8a,0912\n", "name its encoding with --encoding"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_pushed(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(content)
    with pytest.raises(Trouble, match=complaint):
        open_table(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="cannot be read: No such file"):
        open_table(tmp_path / "nothing.csv")
    with pytest.raises(Trouble, match="cannot be read: Is a directory"):
        open_table(tmp_path)


COLUMNS = ("Mã KH", "Tên", "SĐT", "E-mail", "Nguồn", "email")


def test_a_mapping_says_which_column_becomes_what() -> None:
    mapping = read_mapping(
        ["external_id=mã kh", "name=Tên", "phone=SĐT", "source=:hội chợ", "custom.nguồn=Nguồn", "note=E-mail"], COLUMNS
    )
    assert mapping.lead([" 7 ", "An", "0912", "", "web"]) == {
        "external_id": "7",
        "name": "An",
        "phone": "0912",
        "source": "hội chợ",
        "custom": {"nguồn": "web"},
    }


def test_a_mapping_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps({"phone": "SĐT", "source": ":fair"}), encoding="utf-8-sig")
    assert read_mapping([str(file), "name=Tên"], COLUMNS).lead(["", "An", "0912"]) == {
        "phone": "0912",
        "source": "fair",
        "name": "An",
    }


def test_without_a_mapping_columns_named_like_fields_are_pushed() -> None:
    mapping = read_mapping([], ("Name", "EMAIL", "colour", "custom.size"))
    assert mapping.lead(["An", "a@example.com", "red", "L"]) == {
        "name": "An",
        "email": "a@example.com",
        "custom": {"size": "L"},
    }


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["phone=Mobile"], "there is no column 'Mobile'; the file has 'Mã KH', 'Tên'"),
        (["mobile=SĐT"], "there is no field 'mobile'; there are external_id, name"),
        (["name=Tên"], "no column becomes phone or email"),
        (["phone=SĐT", "phone=Tên"], "says twice what becomes phone"),
        (["phone"], "give field=column, or a JSON file that exists"),
        (["custom.=SĐT"], "there is no field 'custom.'"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(options: list[str], complaint: str) -> None:
    with pytest.raises(Trouble) as wrong:
        read_mapping(options, COLUMNS)
    assert complaint in str(wrong.value)


def test_the_same_file_always_falls_into_the_same_chunks(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    rows = "".join(f"khách {number},09{number:08}\n" for number in range(25))
    file.write_text(f"name,phone\n{rows}An,0912,too much\n", encoding="utf-8")
    table = open_table(file)
    mapping = read_mapping([], table.columns)
    first, second = (list(chunks(table, mapping, 10)) for _ in range(2))
    assert [len(chunk.rows) for chunk in first] == [10, 10, 6]
    assert [bytes(chunk.lines) for chunk in first] == [bytes(chunk.lines) for chunk in second]
    assert first[-1].rows[-1].wrong == "the row has 3 cells, the header 2"
    assert len(first[-1].pushed) == 5
