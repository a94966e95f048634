"""q finds names however they are typed, and shows what was typed exactly first."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from chassis import search as searching
from chassis.access import acting, as_system
from chassis.caller import Caller
from chassis.context import Context
from chassis.errors import Invalid
from chassis.ids import new_id
from chassis.paging import Listing
from chassis.search import Search, search_clause, searchable, words_of
from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.chassis.records_of_a_shop import Lead, open_shop


@pytest.fixture(params=ENGINES, scope="module")
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_shop(request.param, tmp_path_factory.mktemp("search")) as node:
        yield node


def put(node: Node, *names: str) -> None:
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "the test lays leads")
        tx.execute(delete(Lead))
        tx.add_all(Lead(name=name) for name in names)


def found(node: Node, q: str) -> list[str]:
    search = Search(Lead, Lead.name)
    with node.read() as tx:
        as_system(tx, "a test")
        matches, rank = search(q)
        full = select(Lead.name).where(matches).order_by(rank, Lead.name)
        bounded = select(Lead.name).where(search.among(select(Lead).where(matches), q)).order_by(rank, Lead.name)
        names = list(tx.scalars(full))
        assert list(tx.scalars(bounded)) == names, "a bound that is not reached changes nothing"
        return names


NAMES = ["Nguyễn Văn Đường", "Trần Thị Dương", "DUONG Minh Châu", "Lê Dưỡng", "Phan Đình Phùng"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("duong", {"Nguyễn Văn Đường", "Trần Thị Dương", "DUONG Minh Châu", "Lê Dưỡng"}),
        ("ĐƯỜNG", {"Nguyễn Văn Đường", "Trần Thị Dương", "DUONG Minh Châu", "Lê Dưỡng"}),
        ("van ngu", {"Nguyễn Văn Đường"}),
        ("d", {*NAMES}),
        ("uong", set()),
        ("duong x", set()),
        ("  PHAN   dinh ", {"Phan Đình Phùng"}),
        ("phan-dinh", {"Phan Đình Phùng"}),
        ("", set()),
        (" ?!% ", set()),
    ],
)
def test_every_word_must_begin_a_word_whatever_its_accents_and_case(node: Node, q: str, expected: set[str]) -> None:
    put(node, *NAMES)
    assert set(found(node, q)) == expected


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("duong", "DUONG Minh Châu"),
        ("đường", "Nguyễn Văn Đường"),
        ("Đường", "Nguyễn Văn Đường"),
        ("ĐƯỜNG", "Nguyễn Văn Đường"),
        ("dương", "Trần Thị Dương"),
        ("dưỡng", "Lê Dưỡng"),
        ("du\u031bo\u031b\u0303ng", "Lê Dưỡng"),  # dưỡng, decomposed as some keyboards send it
        ("thị dương", "Trần Thị Dương"),
    ],
)
def test_the_accents_that_were_typed_come_first(node: Node, q: str, first: str) -> None:
    put(node, *NAMES)
    assert found(node, q)[0] == first


def test_a_name_that_begins_as_typed_comes_before_one_that_has_it_inside(node: Node) -> None:
    put(node, "An Bình", "Bình An", "Hoà An", "Ân Huệ")
    assert found(node, "an") == ["An Bình", "Bình An", "Hoà An", "Ân Huệ"]


def test_of_very_many_matches_the_exact_ones_still_come_first(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "CANDIDATES", 10)
    put(node, *(f"Dương {number:02d}" for number in range(40)), "Đường Cuối")
    search = Search(Lead, Lead.name)
    with node.read() as tx:
        as_system(tx, "a test")
        matches, rank = search("đường")
        some = select(Lead.name).where(search.among(select(Lead).where(matches), "đường")).order_by(rank)
        names = list(tx.scalars(some))
    assert names[0] == "Đường Cuối"
    assert len(names) <= 20


def test_a_ranked_list_is_walked_by_its_cursor_without_skipping_or_repeating(node: Node) -> None:
    names = [*NAMES, *(f"Dương {number}" for number in range(6)), "duong"]
    put(node, *names)
    listing = Listing(model=Lead, sorts=("created_at",), default_sort="-created_at", search=Search(Lead, Lead.name))
    asker = Caller(kind="user", id=new_id())
    walked: list[str] = []
    query = [("q", "dương"), ("limit", "3"), ("count", "true")]
    with node.read() as tx:
        as_system(tx, "a test")
        while True:
            page = listing.page(tx, listing.read(query, asker), lambda lead: lead.name)
            walked += page.items
            assert page.total == len(names) - 1
            if page.next_cursor is None:
                break
            query = [*query[:3], ("cursor", page.next_cursor)]
    assert sorted(walked) == sorted(set(names) - {"Phan Đình Phùng"})
    exact = [name for name in walked if "Dương" in name]
    assert walked[: len(exact)] == exact


@pytest.mark.parametrize("candidates", [3, 5000])
def test_a_search_in_another_order_is_complete_however_frequent_the_word(
    node: Node, monkeypatch: pytest.MonkeyPatch, candidates: int
) -> None:
    monkeypatch.setattr(searching, "CANDIDATES", candidates)
    names = [f"Dương {number}" for number in range(8)]
    put(node, *names, "An")
    listing = Listing(model=Lead, sorts=("name",), default_sort="name", search=Search(Lead, Lead.name))
    with node.read() as tx:
        as_system(tx, "a test")
        asked = listing.read([("q", "duong"), ("sort", "-name")], Caller(kind="user", id=new_id()))
        assert listing.page(tx, asked, lambda lead: lead.name).items == names[::-1]


def test_wildcards_mean_themselves(node: Node) -> None:
    put(node, "a_b", "axb", "100% cotton", "back\\slash", "it's")
    assert found(node, "a_") == ["a_b"]
    assert found(node, "%") == []
    assert found(node, "100%") == ["100% cotton"]
    assert found(node, "back\\") == ["back\\slash"]
    assert found(node, "it's") == ["it's"]
    assert found(node, "' OR 1=1 --") == []


def test_a_search_without_a_word_finds_nothing_whoever_asks(node: Node) -> None:
    put(node, "Lê Văn Không")
    for q in ("'", "%", "🙂"):
        assert found(node, q) == []
        with node.read() as tx:
            acting(tx, Caller("user", new_id(), depths={"lead.read": "own"}))
            assert list(tx.scalars(select(Lead).where(search_clause(Lead.search_text, q)))) == []


def test_a_phone_typed_in_groups_is_found_in_one_piece(node: Node) -> None:
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        tx.execute(delete(Lead))
        tx.add(Lead(name="An", phone="0912345678"))
    for q in ("0912345678", "0912 345 678", "(0912) 345-678", "0912.345", "an 0912"):
        assert found(node, q) == ["An"], q


def test_a_change_of_name_changes_what_finds_it(node: Node) -> None:
    put(node, "Ánh")
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        tx.scalars(select(Lead)).one().name = "Bích"
    assert found(node, "anh") == []
    assert found(node, "bich") == ["Bích"]


@pytest.mark.parametrize("q", ["a b c d e f g h i", "x" * 101])
def test_a_search_that_is_too_long_is_refused(q: str) -> None:
    with pytest.raises(Invalid) as told:
        words_of(q)
    assert told.value.errors[0].pointer == "?q"


def test_the_same_word_typed_often_is_one_word() -> None:
    assert words_of("an " * 50) == ["an"]


def test_search_text_is_bounded_and_skips_what_is_absent() -> None:
    assert searchable("Đặng  An", None, "", "an@ABC.vn") == "dang an abc vn"
    assert len(searchable(*(f"{number:0200d}" for number in range(500)))) <= 4000


words = st.text(st.sampled_from("aăâđdoôơ'_%-&|!:*\\\"()nN "), max_size=12)


@pytest.mark.parametrize("engine", ENGINES)
def test_both_databases_find_what_the_rule_says(engine: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with open_shop(engine, tmp_path_factory.mktemp("rule")) as node:

        @settings(max_examples=60)
        @given(names=st.lists(words, max_size=5), q=words)
        def check(names: list[str], q: str) -> None:
            put(node, *names)
            typed = words_of(q)
            expected = [
                name
                for name in names
                if typed and all(any(w.startswith(t) for w in searchable(name).split()) for t in typed)
            ]
            assert sorted(found(node, q)) == sorted(expected)

        check()


@pytest.mark.parametrize("node", ["postgresql"], indirect=True)
def test_postgresql_answers_from_the_index(node: Node) -> None:
    put(node, *(f"Họ {number} tên {number * 7}" for number in range(3000)))
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        tx.execute(text("ANALYZE leads"))
        tx.execute(text("SET LOCAL enable_seqscan = off"))  # 3,000 rows are too few for the planner to bother
        q = search_clause(Lead.search_text, "2999")
        sql = str(select(Lead.id).where(q).compile(tx.connection(), compile_kwargs={"literal_binds": True}))
        plan = "\n".join(tx.scalars(text("EXPLAIN " + sql.replace(":", r"\:"))))
    assert "leads_search" in plan
