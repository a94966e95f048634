"""How submissions become leads: one lead for each person, whoever pushed them, how often and in whatever order.

A submission is the first touch of its person unless an earlier one, by ``received_at`` and then by id, shares a phone
or an e-mail address with it. That alone decides, not which worker was faster: one worked on late takes the place
of the later one that made the lead (``LeadReattributed``); and where it shows that a second lead was no first touch
after all, that lead goes into the earlier one, unless a person has worked on it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from chassis.bulk import bulk_write
from chassis.clock import utcnow
from chassis.database import lock
from chassis.event import Envelope, Event
from chassis.ids import new_id
from chassis.outbox import emit_many
from chassis.published import difference
from chassis.rows import insert_rows
from events.channels import Submission
from events.sales import IntakeRejected, LeadCreated, LeadDeleted, LeadMerged, LeadReattributed, LeadState, LeadUpdated
from services.sales.leads.actions import assign_new, point_key
from services.sales.leads.facts import Facts, Touch, fill_from
from services.sales.leads.model import Lead, LeadStatus, lead_points, lead_submissions
from services.sales.leads.queries import written_by_people
from services.sales.leads.touches import Key, find_sharers, homes_of, is_before, key_of, raise_points
from services.sales.people.queries import Person, salespeople

NOT_REACHABLE = "neither its phone nor its e-mail address can reach anybody"


def take_in(tx: Session, arrivals: Iterable[tuple[Submission, Envelope]]) -> None:
    """Give each submission its verdict, and announce it; one that has its verdict already updates its lead.

    The transaction acts as the system. Submissions that share a contact point with these wait until it ends.
    """
    ordered = sorted(((Facts.of(submission), envelope) for submission, envelope in arrivals), key=lambda a: a[0].touch)
    lock(tx, [point_key(point) for facts, _ in ordered for point in facts.points() if point.matches])
    with tx.no_autoflush:
        desk = _Desk(tx, [facts for facts, _ in ordered])
        for facts, envelope in ordered:
            desk.take(facts, envelope)
        desk.close()


class _Desk:
    """One batch on its way in: what is known about it, what was decided, and everything that is to be written."""

    def __init__(self, tx: Session, batch: Sequence[Facts]) -> None:
        self.tx = tx
        self.now = utcnow()
        self.sellers: list[Person] = salespeople(tx)
        self.homes = homes_of(tx, [facts.id for facts in batch])
        keys = {key_of(point) for facts in batch for point in facts.points() if point.matches}
        self.touches, self.leads = find_sharers(tx, keys, self.homes)
        self.written = written_by_people(tx, self.leads.keys())
        self.rows: dict[str, dict[str, Any]] = {}  # leads that this batch makes
        self.drafts: dict[str, Lead] = {}  # those of them that took something in at once
        self.points: dict[tuple[str, Key], dict[str, Any]] = {}  # rows of lead_points, by lead and key
        self.submissions: dict[str, dict[str, Any]] = {}  # rows of lead_submissions, by id
        self.resettled: dict[str, dict[str, Any]] = {}  # new values of rows that are stored already
        self.folded: list[str] = []
        self.events: list[tuple[type[Event], str, dict[str, Any], Envelope]] = []

    # --- deciding ------------------------------------------------------------------------------------------------

    def take(self, facts: Facts, envelope: Envelope) -> None:
        """Decide about one submission. They come in the order of their touches."""
        if facts.id in self.homes:
            self._update(self.homes[facts.id], facts, envelope)
            return
        if not facts.phones and not facts.emails:
            self.events.append((IntakeRejected, "", {"submission_id": facts.id, "reason": NOT_REACHABLE}, envelope))
            return
        earlier, overtaken = self._matches(facts)
        if earlier:
            home = min(earlier, key=self._first_touch)
            self._absorb(home, facts, envelope)
        elif overtaken:
            home = min(overtaken, key=self._first_touch)
            self._reattribute(home, facts, envelope)
        else:
            home = self._make(facts, envelope)
        self._index(home, facts)
        for lead_id in sorted(overtaken - {home}):
            self._fold(lead_id, home, envelope)

    def _matches(self, facts: Facts) -> tuple[set[str], set[str]]:
        """Open leads that share a contact point: touched earlier than this, and made by a later submission."""
        earlier: set[str] = set()
        overtaken: set[str] = set()
        for point in facts.points():
            if not point.matches:
                continue
            for lead_id, touch in self.touches.get(key_of(point), {}).items():
                if touch is None or touch < facts.touch:
                    earlier.add(lead_id)
                elif touch == self._first_touch(lead_id):
                    overtaken.add(lead_id)
        return earlier, overtaken

    def _first_touch(self, lead_id: str) -> Touch:
        row = self.rows.get(lead_id)
        if row is not None:
            return row["first_touch_at"], row["submission_id"]
        lead = self.leads[lead_id]
        return lead.first_touch_at, lead.submission_id or ""

    # --- the outcomes --------------------------------------------------------------------------------------------

    def _make(self, facts: Facts, envelope: Envelope) -> str:
        lead_id = new_id()
        row = facts.new_lead(lead_id, assign_new(lead_id, self.sellers), envelope.actor)
        self.rows[lead_id] = row | {"created_at": self.now, "updated_at": self.now, "version": 1}
        self._settle(facts, lead_id, "created")
        self.events.append((LeadCreated, lead_id, {"submission_id": facts.id}, envelope))
        return lead_id

    def _absorb(self, home: str, facts: Facts, envelope: Envelope) -> None:
        lead = self._lead(home)
        before = lead.published()
        facts.fill(lead, self.written[home])
        verdict = _verdict(facts.submission.partner_id, lead)
        self._settle(facts, home, verdict)
        told = {"submission_id": facts.id, "verdict": verdict, "changed": difference(before, lead.published())}
        self.events.append((LeadMerged, home, told, envelope))

    def _reattribute(self, home: str, facts: Facts, envelope: Envelope) -> None:
        lead = self._lead(home)
        former_id, former_partner, before = lead.submission_id, lead.partner_id, lead.published()
        facts.overrule(lead, self.written[home])
        facts.attribute(lead, self.written[home])
        former_verdict = _verdict(former_partner, lead)
        self._settle(facts, home, "created")
        self._settle_again(former_id or "", home, former_verdict)
        told = {
            "submission_id": facts.id,
            "former_submission_id": former_id,
            "former_verdict": former_verdict,
            "changed": difference(before, lead.published()),
        }
        self.events.append((LeadReattributed, home, told, envelope))

    def _update(self, home: str, facts: Facts, envelope: Envelope) -> None:
        lead = self.leads.get(home)
        if lead is None:
            return  # deleted, or no longer open: what it was when it was closed stays
        before = lead.published()
        if lead.submission_id == facts.id:
            facts.overrule(lead, self.written[home])
            facts.correct_attribution(lead, self.written[home])
        else:
            facts.fill(lead, self.written[home])
        self._index(home, facts)
        if self.tx.is_modified(lead):
            changed = difference(before, lead.published())
            self.events.append((LeadUpdated, home, {"changed": changed}, envelope))

    def _fold(self, lead_id: str, home: str, envelope: Envelope) -> None:
        """A lead turns out to be no first touch: put it into the one that is, unless a person has worked on it."""
        other = self.leads[lead_id]
        if other.status != LeadStatus.NEW or self.written[lead_id]:
            return
        lead = self._lead(home)
        before = lead.published()
        fill_from(lead, other, self.written[home])
        changed = difference(before, lead.published())
        stored = self.tx.execute(select(lead_submissions).where(lead_submissions.c.lead_id == lead_id)).mappings()
        for row in [*stored, *(row for row in self.submissions.values() if row["lead_id"] == lead_id)]:
            verdict = _verdict(row["partner_id"], lead)
            self._settle_again(row["submission_id"], home, verdict)
            told = {"submission_id": row["submission_id"], "verdict": verdict, "changed": changed}
            self.events.append((LeadMerged, home, told, envelope))
        self._move_points(lead_id, home)
        other.merged_into, other.deleted_at = home, self.now
        self.folded.append(lead_id)
        self.events.append((LeadDeleted, lead_id, {"merged_into": home}, envelope))

    # --- keeping the books ---------------------------------------------------------------------------------------

    def _lead(self, lead_id: str) -> Lead:
        """The lead to change: a stored one, or a draft of one that this batch makes."""
        if lead_id in self.leads:
            return self.leads[lead_id]
        if lead_id not in self.drafts:
            self.drafts[lead_id] = Lead(**self.rows[lead_id])
        return self.drafts[lead_id]

    def _settle(self, facts: Facts, lead_id: str, verdict: str) -> None:
        self.homes[facts.id] = lead_id
        self.submissions[facts.id] = {
            "submission_id": facts.id,
            "lead_id": lead_id,
            "partner_id": facts.submission.partner_id,
            "received_at": facts.submission.received_at,
            "verdict": verdict,
        }

    def _settle_again(self, submission_id: str, lead_id: str, verdict: str) -> None:
        self.homes[submission_id] = lead_id
        if submission_id in self.submissions:
            self.submissions[submission_id].update(lead_id=lead_id, verdict=verdict)
        else:
            self.resettled[submission_id] = {"known_id": submission_id, "to_lead": lead_id, "to_verdict": verdict}

    def _index(self, lead_id: str, facts: Facts) -> None:
        for point in facts.points():
            if point.identifies:
                self._touch(lead_id, key_of(point), facts.touch, ambiguous=point.ambiguous)

    def _touch(self, lead_id: str, key: Key, touch: Touch | None, *, ambiguous: bool) -> None:
        touches = self.touches.setdefault(key, {})
        if lead_id in touches and not is_before(touch, touches[lead_id]):
            return
        touches[lead_id] = touch
        at, by = touch or (None, None)
        row = {"lead_id": lead_id, "kind": key[0], "value": key[1], "ambiguous": ambiguous}
        self.points[lead_id, key] = row | {"touched_at": at, "touched_by": by}

    def _move_points(self, lead_id: str, home: str) -> None:
        for row in self.tx.execute(select(lead_points).where(lead_points.c.lead_id == lead_id)):
            key = (row.kind, row.value)
            touch = (row.touched_at, row.touched_by) if row.touched_at else None
            self._touch(home, key, touch, ambiguous=row.ambiguous)
        for of_lead, key in [each for each in self.points if each[0] == lead_id]:
            pending = self.points.pop((of_lead, key))
            touch = (pending["touched_at"], pending["touched_by"])
            self._touch(home, key, touch, ambiguous=pending["ambiguous"])
        for touches in self.touches.values():
            touches.pop(lead_id, None)

    def close(self) -> None:
        """Write everything down, and announce it with the leads as they are now."""
        for lead_id, draft in self.drafts.items():
            row = self.rows[lead_id]
            row.update({name: getattr(draft, name) for name in row})
        bulk_write(self.tx, Lead, inserts=list(self.rows.values()))
        if self.folded:
            self.tx.execute(delete(lead_points).where(lead_points.c.lead_id.in_(self.folded)))
        insert_rows(self.tx, lead_points, [row for (lead_id, _), row in self.points.items() if lead_id in self.rows])
        raise_points(self.tx, [self.points[each] for each in sorted(self.points) if each[0] not in self.rows])
        insert_rows(self.tx, lead_submissions, list(self.submissions.values()))
        if self.resettled:
            known = lead_submissions.c.submission_id == bindparam("known_id")
            moved = update(lead_submissions).where(known)
            moved = moved.values(lead_id=bindparam("to_lead"), verdict=bindparam("to_verdict"))
            self.tx.connection().execute(moved, list(self.resettled.values()))
        states = {lead_id: self._state(lead_id) for lead_id in {lead_id for _, lead_id, _, _ in self.events if lead_id}}
        emit_many(self.tx, [(_event(kind, states.get(lead_id), told), why) for kind, lead_id, told, why in self.events])

    def _state(self, lead_id: str) -> LeadState:
        row = self.rows.get(lead_id)
        return LeadState.model_validate(Lead.shown(row)) if row is not None else self.leads[lead_id].state()


def _event(kind: type[Event], state: LeadState | None, told: dict[str, Any]) -> Event:
    return kind.model_validate(told if state is None else {"lead": state, **told})


def _verdict(partner_id: str | None, lead: Lead) -> Literal["merged", "duplicate"]:
    """What a partner is told of a person who was here before: it may know about a lead of its own."""
    return "merged" if partner_id == lead.partner_id else "duplicate"
