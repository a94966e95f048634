"""E-mail addresses as people write them, turned into the one spelling that finds a twin."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

# Plain ASCII addresses, a little stricter than the standard; email-validator is asked about all others.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(
    rf"(?=[^@]{{1,64}}@)[a-z0-9_%+'-]+(?:\.[a-z0-9_%+'-]+)*@(?:(?!..--){_LABEL}\.)+[a-z]{{2,63}}",
    re.ASCII,
)
_LONGEST = 254
_LONGEST_TYPED = 1000

# Marks that come along with copied text and that strip() does not know as white space.
_INVISIBLE = "\u200b\u200e\u200f\u202a\u202c\u202d\u2060\ufeff"


def normalise_email(text: str) -> str | None:
    """The address in `text` for matching, or None when it is no valid one.

    Lower case, NFC, the domain in punycode. Dots and plus tags stay: only the mailbox's owner knows what they mean.
    Never raises, never asks the network; what it returns holds no line break.
    """
    if len(text) > _LONGEST_TYPED:
        return None
    address = text.strip().strip(_INVISIBLE).strip().lower()
    if len(address) <= _LONGEST and _PLAIN.fullmatch(address):
        return address
    return _by_library(unicodedata.normalize("NFC", address))


def _by_library(address: str) -> str | None:
    try:
        # Not globally deliverable: a company's own mail.local is an address too. Without a dot it is a typing error.
        valid = validate_email(address, check_deliverability=False, globally_deliverable=False, strict=True)
    except EmailNotValidError:
        return None
    if "." not in valid.ascii_domain or not valid.ascii_domain[-1].isalpha():  # no top-level domain ends with a digit
        return None
    return unicodedata.normalize("NFC", valid.local_part.lower()) + "@" + valid.ascii_domain
