"""Tells the demo company's past to the services, part by part: through their own actions, at the times it had.

A part of it at a service is one transaction, which marks that it is told. Killed anywhere, the next run tells the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import leases
from chassis.access import as_system
from chassis.clock import by_clock
from chassis.context import Context
from chassis.ids import new_id
from chassis.service import Node
from deploy.demo import company
from deploy.demo.acts import WEEK, WEEKS, Act, id_of
from deploy.demo.carrying import Carrier, StoryClock
from deploy.demo.helping import Helping
from deploy.demo.planning import Planning, Subject
from deploy.demo.plot import facts_of_regulars, part_of, plot
from deploy.demo.selling import Selling
from services.channels.intake.actions import receive_push
from services.channels.intake.model import Capture, submissions
from services.sales.leads.model import OPEN, Lead, lead_submissions
from services.sales.opportunities.model import Opportunity, OpportunityStatus

_FOREVER_S = 100 * 365 * 86_400.0
_WHY = "the demo company's past is told"
Put = Callable[[datetime], None]


class Teller:
    """``users`` are ids by e-mail address, ``partners`` ids by name."""

    def __init__(
        self,
        nodes: Mapping[str, Node],
        carrier: Carrier,
        told_at: datetime,
        users: Mapping[str, str],
        partners: Mapping[str, str],
    ) -> None:
        self.nodes, self.carrier, self.told_at = nodes, carrier, told_at
        self.since = told_at - WEEKS * WEEK
        self.users, self.partners = users, partners

    def tell(self) -> None:
        """All that is not told yet."""
        parts: dict[int, dict[str, list[Act]]] = defaultdict(lambda: defaultdict(list))
        for act in plot(self.told_at):
            parts[part_of(act, self.since)][act.service].append(act)
        self._before()
        for part in sorted(parts):
            self._push(part, parts[part]["channels"])
            self._sell(part, parts[part]["sales"])
            self._note(part, parts[part]["activities"])
            self._help(part, parts[part]["service_desk"])
        self._plan()

    def _before(self) -> None:
        with self._once("sales", "before", self.since - timedelta(days=1)) as begun:
            if begun:
                selling = Selling(begun[0], self.users, {})
                selling.list_products()
                selling.enter_regulars(facts_of_regulars())
        with self._once("service_desk", "before", self.since - timedelta(days=1)) as begun:
            if begun:
                Helping(begun[0], self.users).promise()
        self.carrier.settle()

    def _push(self, part: int, acts: Sequence[Act]) -> None:
        with self._once("channels", f"part {part}", self.since) as begun:
            if begun:
                tx, put = begun
                for act in acts:
                    put(act.at)
                    _push_one(tx, self.partners[act.facts["partner"]], act)
        self.carrier.settle()

    def _sell(self, part: int, acts: Sequence[Act]) -> None:
        leads = {key: subject.ref.partition(":")[2] for (_, key), subject in self._leads(acts).items()}
        with self._once("sales", f"part {part}", self.since) as begun:
            if begun:
                tx, put = begun
                selling = Selling(tx, self.users, leads)
                for act in acts:
                    put(act.at)
                    selling.do(act)

    def _note(self, part: int, acts: Sequence[Act]) -> None:
        subjects = self._leads(acts) | self._deals(acts)
        with self._once("activities", f"part {part}", self.since) as begun:
            if begun:
                tx, put = begun
                planning = Planning(tx, subjects)
                for act in acts:
                    put(act.at)
                    planning.do(act)

    def _help(self, part: int, acts: Sequence[Act]) -> None:
        with self._once("service_desk", f"part {part}", self.since) as begun:
            if begun:
                tx, put = begun
                helping = Helping(tx, self.users)
                for act in acts:
                    put(act.at)
                    helping.do(act)
        self.carrier.settle()

    def _plan(self) -> None:
        work = self._open_work()
        with self._once("activities", "plans", self.told_at - timedelta(minutes=5)) as begun:
            if begun:
                planning = Planning(begun[0], {})
                for seller in company.SELLERS:
                    planning.plan_ahead(self.users[seller.email], work[self.users[seller.email]], self.told_at)
                leaving = company.SELLERS[0]
                mine = work[self.users[leaving.email]]
                planning.remind(self.users[company.MANAGER.email], mine[0], leaving.name, self.told_at)
        self.carrier.settle()

    @contextmanager
    def _once(self, service: str, part: str, at: datetime) -> Iterator[tuple[Session, Put] | None]:
        """A transaction for a part of the past, and how to set its clock; None when that part is told already."""
        clock = StoryClock()
        clock.put(at)
        with self.nodes[service].begin(Context.fresh("service:demo")) as tx:
            # A lease that nobody ever gives up is a mark, and leaves or stays with the transaction.
            if not leases.take(tx, f"demo {part}", new_id(), _FOREVER_S):
                yield None
                return
            with by_clock(clock), as_system(tx, _WHY), tx.no_autoflush:
                yield tx, clock.put
                tx.flush()

    # --- what is there -------------------------------------------------------------------------------------------

    def _leads(self, acts: Sequence[Act]) -> dict[tuple[str, str], Subject]:
        keys = sorted({act.key for act in acts if act.key.startswith("MQ-")})
        with self.nodes["channels"].read() as tx:
            chosen = select(submissions.c.id, submissions.c.external_id).where(submissions.c.external_id.in_(keys))
            named = {row.id: row.external_id for row in tx.execute(chosen)}
        with self.nodes["sales"].read() as tx, as_system(tx, _WHY):
            homes = select(lead_submissions.c.submission_id, lead_submissions.c.lead_id)
            homes = homes.where(lead_submissions.c.submission_id.in_(sorted(named)))
            of = {row.lead_id: named[row.submission_id] for row in tx.execute(homes)}
            leads = tx.scalars(select(Lead).where(Lead.id.in_(sorted(of))))
            return {("lead", of[lead.id]): _subject(lead) for lead in leads}

    def _deals(self, acts: Sequence[Act]) -> dict[tuple[str, str], Subject]:
        keys = {id_of("opportunity", act.key): act.key for act in acts}
        with self.nodes["sales"].read() as tx, as_system(tx, _WHY):
            deals = tx.scalars(select(Opportunity).where(Opportunity.id.in_(sorted(keys))))
            return {("opportunity", keys[deal.id]): _subject(deal) for deal in deals}

    def _open_work(self) -> dict[str, list[Subject]]:
        """The open opportunities and leads of each seller, by their id."""
        work: dict[str, list[Subject]] = defaultdict(list)
        with self.nodes["sales"].read() as tx, as_system(tx, _WHY):
            chosen = select(Opportunity).where(Opportunity.status == OpportunityStatus.OPEN).order_by(Opportunity.id)
            for deal in tx.scalars(chosen):
                work[deal.owner_id or ""].append(_subject(deal))
            for lead in tx.scalars(select(Lead).where(Lead.status.in_(OPEN)).order_by(Lead.created_at)):
                work[lead.owner_id or ""].append(_subject(lead))
        return work


def _subject(record: Lead | Opportunity) -> Subject:
    return Subject(f"{record.__noun__}:{record.id}", record.owner_id, record.team_id)


def _push_one(tx: Session, partner_id: str, act: Act) -> None:
    facts = {name: value for name, value in act.facts["facts"].items() if name != "external_id"}
    raw = orjson.dumps(act.facts["facts"]).decode()
    tx.info["context"] = Context.fresh(f"partner:{partner_id}")
    receive_push(tx, partner_id, external_id=act.key, facts=facts, capture=Capture(raw, "application/json", {}))
