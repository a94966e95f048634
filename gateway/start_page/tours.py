"""Three ways through the demo company, step by step. Texts are keys of the message catalogue."""

from dataclasses import dataclass

from chassis.i18n import Text, say

# Who can be tried out, in the order of their buttons, and what each of them is there for.
PARTS: dict[str, tuple[Text, Text]] = {
    "seller_x": (say("Seller X"), say("Xuân, north; leaves today")),
    "seller_y": (say("Seller Y"), say("Yến, south")),
    "manager": (say("Sales manager"), say("sees both teams")),
    "director": (say("Director"), say("sees everything, releases orders")),
    "service_agent": (say("Service agent"), say("cases with running clocks")),
    "accountant": (say("Chief accountant"), say("invoices, payments, debts")),
    "operator": (say("Operator"), say("what runs, what waits")),
}


@dataclass(frozen=True)
class Step:
    """What to do, as whom, and where after ``/app``; no button where there is no such page."""

    text: Text
    part: str = ""
    path: str = ""


@dataclass(frozen=True)
class Tour:
    """A few steps that show one thing."""

    title: Text
    steps: tuple[Step, ...]


TOURS = (
    Tour(
        say("The seller leaves, the relationship stays"),
        (
            Step(say("Seller X sees the customers of seller X, and nobody else's."), "seller_x", "/customers"),
            Step(say("Seller Y sees other ones."), "seller_y", "/customers"),
            Step(say("The manager gives all of X's work to Y, with a note."), "manager", "/handovers/new"),
            Step(say("Y has the customers, their whole past, and a brief about each."), "seller_y", "/my-day"),
        ),
    ),
    Tour(
        say("Nothing is lost, nothing is done twice"),
        (
            Step(say("A button pushes a hundred leads while the sales worker stands still."), "operator", "/flow"),
            Step(say("They are accepted and wait; when it goes on, a hundred verdicts arrive, one each.")),
            Step(say("The journey of each lead is drawn, service by service."), "operator", "/flow/journeys"),
        ),
    ),
    Tour(
        say("From the call to the debt"),
        (
            Step(say("Find a caller without typing accents: nguyen, may nen khi."), "seller_y", "/leads"),
            Step(say("Move a deal along the pipeline, and quote: the quote is a PDF."), "seller_y", "/pipeline"),
            Step(say("The director releases the order."), "director", "/orders"),
            Step(
                say("The accountant issues the invoice, books the payment, and sees who owes."), "accountant", "/debts"
            ),
        ),
    ),
)
