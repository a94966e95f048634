"""Names and search text: one spelling for what people type in many."""

import unicodedata

# Blocks up to here hold the alphabets of Europe, the Middle East and South Asia. Caching ideographs and Hangul as well
# would let a hostile text fill memory with a million entries.
_LAST_CACHED = 0x2E80


class _FoldTable(dict[int, str]):
    """What one character becomes in search text; filled as characters are met."""

    def __missing__(self, codepoint: int) -> str:
        folded = _fold_character(chr(codepoint))
        if codepoint < _LAST_CACHED:
            self[codepoint] = folded
        return folded


def _fold_character(character: str) -> str:
    if unicodedata.category(character) == "Cf":  # zero-width and direction marks come along with copied text
        return ""
    base = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.category(c).startswith("M"))
    return base.lower().replace("đ", "d")  # đ is a letter of its own: decomposition leaves its stroke in place


_FOLD = _FoldTable()


def nfc(text: str) -> str:
    """`text` in composed form (NFC), otherwise as typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Search text: lower case, no accents, đ as d, white space collapsed. "  Đặng  Thị Ánh" is "dang thi anh"."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(text.translate(_FOLD).split())


def given_name(full_name: str) -> str:
    """The name a Vietnamese person is addressed by: the last word. Empty when there is none."""
    words = nfc(full_name).split()
    return words[-1] if words else ""
