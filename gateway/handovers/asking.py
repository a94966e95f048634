"""Asking the services what there is to know of each customer who was handed over."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from chassis.caller import Caller
from chassis.errors import Invalid, Unavailable
from chassis.http import Face
from gateway.leaving.asking import Part, ask_service, signed


async def briefs(request: Request, face: Face, caller: Caller, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of briefs, of what the caller may see; raises Invalid for a bad cursor, Unavailable without sales."""
    headers = signed(face, caller)
    if language := request.headers.get("accept-language"):
        headers = [*headers, (b"accept-language", language.encode("latin-1"))]
    status, page = await ask_service(request, "sales", "/handed_over", headers, urlencode(query))
    match status:
        case 200:
            pass
        case 422:
            raise Invalid(page["detail"])
        case _:
            raise Unavailable()
    refs = [":".join((item["customer"]["type"], item["customer"]["id"])) for item in page["items"]]
    moments: dict[str, Any] = {}
    parts: dict[str, Part] = {"sales": "ok", "activities": "ok"}
    if refs:
        asked = urlencode([("regarding", ref) for ref in refs])
        status, told = await ask_service(request, "activities", "/contact_moments", headers, asked)
        parts["activities"] = "ok" if status == 200 else "unavailable"
        moments = {each["regarding"]: each for each in told["items"]} if status == 200 else {}
    for ref, item in zip(refs, page["items"], strict=True):
        for name in ("last_contact", "next_activity"):
            item[name] = moments.get(ref, {}).get(name)
    return {**page, "parts": parts}
