"""Lists: filters, sorts, cursors that neither skip nor repeat, totals, and the indexes behind them."""

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import case, insert
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.clock import utcnow
from chassis.errors import Invalid
from chassis.filters import Filter
from chassis.ids import new_id
from chassis.paging import EXACT_TO, Listing, NeededIndex
from tests.chassis.engines import ENGINES
from tests.chassis.shop_routes import CLERK, ITEMS, Item, ItemView, empty, open_shop

START = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="module", params=ENGINES)
def opened(request, tmp_path_factory):
    with open_shop(request.param, tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def shop(opened):
    client, node = opened
    empty(node)
    return client


@pytest.fixture
def node(opened):
    return opened[1]


def fill(node, rows):
    """Items, one per dict; what a dict leaves out is filled in."""
    with node.db.begin() as tx:
        tx.execute(
            insert(Item),
            [
                {
                    "id": new_id(),
                    "code": f"c{number}",
                    "name": f"item {number}",
                    "status": "new",
                    "stock": number,
                    "price": Decimal(number),
                    "due_at": None,
                    "created_at": START + timedelta(seconds=number),
                    "created_by": CLERK.actor,
                    "version": 1,
                    **row,
                }
                for number, row in enumerate(rows)
            ],
        )


def ask(shop, query=""):
    answer = shop.get(f"/items?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(page):
    return [item["code"] for item in page["items"]]


def walk(shop, query=""):
    """Every code, page by page."""
    found, page = [], ask(shop, query)
    while True:
        found += codes(page)
        if page["next_cursor"] is None:
            return found
        page = ask(shop, f"{query}&cursor={page['next_cursor']}")


def refused(shop, query):
    answer = shop.get(f"/items?{query}")
    assert answer.status_code == 422, answer.text
    return answer.json()


def test_an_empty_list(shop):
    assert ask(shop) == {"items": [], "next_cursor": None}
    assert ask(shop, "count=true") == {"items": [], "next_cursor": None, "total": 0}


def test_the_default_is_fifty_newest_first(shop, node):
    fill(node, [{}] * 60)
    page = ask(shop)
    assert codes(page) == [f"c{number}" for number in range(59, 9, -1)]
    assert len(codes(ask(shop, f"cursor={page['next_cursor']}"))) == 10


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "due_at", "-due_at"])
def test_pages_of_three_show_every_row_once_although_values_repeat(shop, node, sort):
    moments = [None, START, None, START + timedelta(days=1), START, None, START - timedelta(days=1)]
    fill(
        node, [{"due_at": moment, "created_at": START + timedelta(seconds=n // 3)} for n, moment in enumerate(moments)]
    )
    found = walk(shop, f"sort={sort}&limit=3")
    assert sorted(found) == [f"c{number}" for number in range(7)]
    assert found == codes(ask(shop, f"sort={sort}"))
    by = {item["code"]: item[sort.removeprefix("-")] for item in ask(shop)["items"]}
    known = [by[code] for code in found if by[code] is not None]
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert all(by[code] is None for code in found[len(known) :])  # nothing known comes last, either way


def test_rows_that_come_and_go_meanwhile_shift_nothing(shop, node):
    fill(node, [{}] * 9)
    page = ask(shop, "limit=4")
    fill(node, [{"code": "late", "created_at": START + timedelta(days=1)}])
    first = page["items"][0]["id"]
    assert shop.delete(f"/items/{first}").status_code == 204
    assert codes(ask(shop, f"limit=4&cursor={page['next_cursor']}")) == ["c4", "c3", "c2", "c1"]


def test_the_limit_may_change_between_pages(shop, node):
    fill(node, [{}] * 6)
    page = ask(shop, "limit=2")
    assert codes(ask(shop, f"limit=3&cursor={page['next_cursor']}")) == ["c3", "c2", "c1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=sold", {"c1"}),
        ("status__ne=sold", {"c0", "c2", "c3"}),
        ("status__in=sold,new", {"c0", "c1", "c2", "c3"}),
        ("code=c2", {"c2"}),
        ("code__in=c2,c3,c9", {"c2", "c3"}),
        ("stock__gte=2", {"c2", "c3"}),
        ("stock__gte=1&stock__lte=2", {"c1", "c2"}),
        ("price__lte=0.5", {"c0"}),
        ("due_at__isnull=true", {"c0", "c1", "c2"}),
        ("due_at__isnull=false", {"c3"}),
        ("due_at__ne=2026-01-01T12:00:00.123456Z", {"c0", "c1", "c2"}),
        ("due_at=2026-01-01T19:00:00.123456%2B07:00", {"c3"}),
        ("maker=me", {"c0", "c1", "c2"}),
        ("maker=somebody", {"c3"}),
        ("q=TEM 1", {"c1"}),
        ("q=%20&stock=1", {"c1"}),
    ],
)
def test_filters(shop, node, query, expected):
    fill(node, [{}, {"status": "sold"}, {}, {"due_at": START, "created_by": "somebody"}])
    assert set(codes(ask(shop, query))) == expected
    assert ask(shop, query + "&count=true")["total"] == len(expected)


def test_a_filter_by_id(shop, node):
    fill(node, [{}, {}])
    item = ask(shop)["items"][0]
    assert codes(ask(shop, f"id={item['id'].upper()}")) == [item["code"]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("stauts=new", "?stauts"),
        ("status=stolen", "?status"),
        ("status__gte=new", "?status__gte"),
        ("stock__isnull=true", "?stock__isnull"),
        ("stock=many", "?stock"),
        ("stock=9223372036854775808", "?stock"),
        ("price=NaN", "?price"),
        ("price=1e400", "?price"),
        ("due_at__gte=2026-01-01", "?due_at__gte"),
        ("due_at__gte=2026-01-01T00:00:00", "?due_at__gte"),
        ("due_at__isnull=perhaps", "?due_at__isnull"),
        ("id=7", "?id"),
        ("code__in=" + ",".join("x" * 101), "?code__in"),
        ("status=new&status=sold", "?status"),
        ("limit=10&limit=20", "?limit"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=1e2", "?limit"),
        ("limit=" + "9" * 5000, "?limit"),
        ("limit=٣", "?limit"),
        ("sort=price", "?sort"),
        ("sort=created_at;drop table items", "?sort"),
        ("sort=", "?sort"),
        ("count=yes", "?count"),
        ("fields=id,colour", "?fields"),
        ("include=owner", "?include"),
        ("custom.colour=red", "?custom.colour"),
        ("q=" + "x" * 201, "?q"),
        ("cursor=", "?cursor"),
        ("cursor=x", "?cursor"),
        ("cursor=%F0%9F%98%80", "?cursor"),
    ],
)
def test_what_is_not_published_is_refused_and_named(shop, query, pointer):
    assert [error["pointer"] for error in refused(shop, query)["errors"]] == [pointer]


def test_everything_wrong_is_named_at_once(shop):
    errors = refused(shop, "limit=0&sort=x&colour=red&stock=x")["errors"]
    assert {error["pointer"] for error in errors} == {"?limit", "?sort", "?colour", "?stock"}


@pytest.mark.parametrize("other", ["sort=created_at", "status=new", "q=item", "maker=me", "stock__gte=0"])
def test_a_cursor_of_another_filter_or_sort_is_refused(shop, node, other):
    fill(node, [{}] * 3)
    cursor = ask(shop, "limit=1")["next_cursor"]
    assert refused(shop, f"limit=1&{other}&cursor={cursor}")["code"] == "invalid_cursor"


def test_a_forged_cursor_is_refused(shop, node):
    fill(node, [{}] * 3)
    cursor = ask(shop, "limit=1")["next_cursor"]
    binding = base64.urlsafe_b64decode(cursor + "==")[:16].decode()
    for forged in (
        f"{binding}]",
        f"{binding},1]",
        f'{binding},"x","y"]',
        f"{binding},null,null]",
        '{"a":1}',
        "[]",
        '"',
        "1",
    ):
        text = base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")
        assert refused(shop, f"limit=1&cursor={text}")["code"] == "invalid_cursor"


def test_the_order_of_parameters_does_not_matter_to_a_cursor(shop, node):
    fill(node, [{}] * 3)
    cursor = ask(shop, "limit=1&status=new&stock__gte=0")["next_cursor"]
    assert codes(ask(shop, f"cursor={cursor}&stock__gte=0&status=new&limit=1")) == ["c1"]


def test_the_total_is_exact_up_to_ten_thousand(shop, node):
    fill(node, [{"status": "sold"}] * EXACT_TO)
    assert ask(shop, "limit=1&count=true")["total"] == EXACT_TO
    fill(node, [{"code": "one more"}])
    assert ask(shop, "limit=1&count=true")["total"] == "10000+"
    assert ask(shop, "limit=1&count=true&status=new")["total"] == 1


def test_fields_shape_the_items(shop, node):
    fill(node, [{}, {}])
    page = ask(shop, "fields=code,stock&limit=1&count=true")
    assert page["items"] == [{"id": page["items"][0]["id"], "code": "c1", "stock": 1}]
    assert page["total"] == 2
    assert page["next_cursor"]


def test_a_ranked_search_shows_the_best_first_through_all_pages(node, shop):
    fill(node, [{"name": "duong"}, {"name": "Đường"}, {"name": "duong"}, {"name": "Đường"}, {"name": "other"}])
    best = case((Item.name == "Đường", 0), else_=1)
    ranked = Listing(
        model=Item,
        sorts=("created_at",),
        default_sort="-created_at",
        search=lambda q: (Item.name.in_(["duong", "Đường"]), best),
    )
    with node.read() as tx:
        assert _walk(tx, ranked, {"q": "duong"}) == ["c3", "c1", "c2", "c0"]
        assert _walk(tx, ranked, {"q": "duong", "sort": "created_at"}) == ["c0", "c1", "c2", "c3"]


def _walk(tx: Session, listing: Listing, query: dict[str, str]) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        more = [("cursor", cursor)] if cursor else []
        asked = listing.read([*query.items(), ("limit", "1"), *more], CLERK)
        page = listing.page(tx, asked, ItemView.model_validate)
        found += [item.code for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_custom_fields_are_filtered_by_whoever_knows_them():
    def custom(name, operator, value):
        if name != "colour":
            raise Invalid("No such field.")
        return Item.name == f"{operator}:{value}"

    listing = Listing(model=Item, sorts=("created_at",), default_sort="created_at", custom=custom)
    assert len(listing.read([("custom.colour__in", "red")], CLERK).where) == 1
    with pytest.raises(Invalid):
        listing.read([("custom.size", "1")], CLERK)


def test_each_filter_and_sort_says_which_index_it_needs():
    needed = ITEMS.needed_indexes()
    assert NeededIndex("items", ("created_at", "id"), "sort created_at") in needed
    assert NeededIndex("items", ("status",), "filter status") in needed
    assert {index.why for index in ITEMS.missing_indexes()} == {"filter stock", "filter price"}


def test_a_listing_that_contradicts_itself_is_refused():
    with pytest.raises(TypeError, match="default sort"):
        Listing(model=Item, sorts=("created_at",), default_sort="price")
    with pytest.raises(TypeError, match="taken"):
        Listing(model=Item, sorts=("code",), default_sort="code", filters={"limit": Filter(Item.stock)})


def test_me_is_whoever_asks(shop, node):
    fill(node, [{"created_by": "user:other"}, {}])
    assert codes(ask(shop.as_(Caller("user", "other")), "maker=me")) == ["c0"]
    assert utcnow() > START
