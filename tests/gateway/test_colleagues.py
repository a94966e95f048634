"""Who works here, as far as everybody who works here may know."""

from tests.gateway.stage import House


def names(house: House, query: str = "") -> list[str]:
    return [each["name"] for each in house.admin.get(f"/colleagues?limit=200{query}").json()["items"]]


def test_colleagues_see_each_others_names_and_nothing_else(house: House):
    seller = house.person("salesperson", name="Nguyễn Thị Đào")
    told = seller.get("/colleagues?q=dao")
    assert told.status_code == 200
    (item,) = [each for each in told.json()["items"] if each["id"] == seller.id]
    assert item == {"id": seller.id, "name": "Nguyễn Thị Đào", "active": True}
    assert seller.get(f"/colleagues?id__in={seller.id}").json()["items"] == [item]


def test_people_of_partners_and_customers_are_no_colleagues_and_see_none(house: House):
    outsider = house.person("partner", name="Người Ngoài Đối Tác")
    assert outsider.get("/colleagues").status_code == 403
    both = house.person("partner", "salesperson", name="Người Hai Vai")
    assert both.get("/colleagues").status_code == 200
    assert "Người Ngoài Đối Tác" not in names(house) and "Người Hai Vai" in names(house)
    assert house.key("leads:push", partner_id=None).get("/colleagues").status_code in (401, 403)


def test_whoever_has_left_keeps_a_name(house: House):
    gone = house.person("salesperson", name="Lê Văn Nghỉ")
    assert house.admin.post(f"/users/{gone.id}/deactivate").status_code == 200
    assert "Lê Văn Nghỉ" in names(house, "&active=false")
    assert "Lê Văn Nghỉ" not in names(house, "&active=true")
