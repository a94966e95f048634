"""Names of people, family name first as in Vietnam, kept as typed."""

from chassis.text import nfc

LONGEST_NAME = 300
LONGEST_PART = 150


def name_parts(
    full_name: str | None, first_name: str | None = None, last_name: str | None = None
) -> tuple[str, str | None, str | None]:
    """Full, given and other names; what was not said is worked out: the given name is the last word of the full one.

    All empty when nothing was said. The full name is in NFC and otherwise as typed.
    """
    full = nfc(full_name or " ".join(filter(None, (last_name, first_name)))).strip()[:LONGEST_NAME]
    *before, given = full.split() or [""]
    first = nfc(first_name).strip() if first_name else given
    last = nfc(last_name).strip() if last_name else " ".join(before)
    return full, first[:LONGEST_PART] or None, last[:LONGEST_PART] or None
