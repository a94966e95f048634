"""The closed choices about cases."""

from enum import StrEnum

from chassis.i18n import Text, say


class CaseType(StrEnum):
    """What kind of matter it is."""

    QUESTION = "question"
    REQUEST = "request"
    PROBLEM = "problem"
    COMPLAINT = "complaint"
    WARRANTY = "warranty"
    REFUND = "refund"


class Priority(StrEnum):
    """How much it matters that it is soon."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


# What customers ask about; any other word will do as well.
CATEGORIES: dict[str, Text] = {
    "price": say("Price"),
    "quantity": say("Quantity"),
    "quality": say("Quality"),
    "warranty_request": say("Warranty request"),
    "discount_programme": say("Discount programme"),
    "sales_bonus": say("Sales bonus"),
}
