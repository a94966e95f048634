"""The script that puts a form on a page: the form's own texts as data, nothing of them as code."""

from functools import lru_cache
from pathlib import Path

import orjson

from services.channels.forms.model import Form
from services.channels.forms.schemas import TRACKED

_LABELS = {
    "name": ("Họ và tên", "Full name"),
    "first_name": ("Tên", "First name"),
    "last_name": ("Họ", "Last name"),
    "company": ("Công ty", "Company"),
    "email": ("Email", "E-mail"),
    "phone": ("Số điện thoại", "Phone"),
    "title": ("Chức vụ", "Job title"),
    "campaign": ("Chương trình", "Campaign"),
    "product_interest": ("Sản phẩm quan tâm", "Interested in"),
    "note": ("Nội dung", "Message"),
}
_SEND = ("Gửi", "Send")
_FAILED = ("Chưa gửi được, vui lòng thử lại.", "It was not sent. Please try again.")


def script_of(form: Form) -> str:
    """JavaScript that inserts the form before its own script element, in the page's language."""
    content = {
        "fields": [_field(field) for field in form.fields],
        "honeypot": form.honeypot,
        "consent": _both(form.consent["text_vi"], form.consent["text_en"]) if form.consent else None,
        "send": _both(*_SEND),
        "failed": _both(*_FAILED),
        "tracked": TRACKED,
    }
    return _template().replace("__FORM__", _as_script(content))


def _field(field: dict[str, object]) -> dict[str, object]:
    name = str(field["name"])
    vi, en = _LABELS.get(name, (name.removeprefix("custom."),) * 2)
    label_vi, label_en = field.get("label_vi"), field.get("label_en")
    label = _both(str(label_vi or label_en or vi), str(label_en or label_vi or en))
    return {"name": name, "label": label, "kind": field["kind"], "required": field["required"]}


def _both(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


def _as_script(content: object) -> str:
    # JSON is JavaScript but for these: a tag that would end an inline script, and two line ends of old engines.
    text = orjson.dumps(content).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


@lru_cache(maxsize=1)
def _template() -> str:
    return (Path(__file__).parent / "embed.js").read_text(encoding="utf-8")
