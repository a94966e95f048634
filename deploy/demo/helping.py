"""The service department's acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from chassis.context import Context
from deploy.demo import company, words
from deploy.demo.acts import Act, id_of
from services.service_desk.articles.actions import create_article, publish_article, submit_article
from services.service_desk.articles.model import Article
from services.service_desk.cases import actions as cases
from services.service_desk.cases.model import Case
from services.service_desk.conversation.actions import write_message
from services.service_desk.conversation.model import Direction, Visibility
from services.service_desk.entitlements.actions import create_entitlement
from services.service_desk.sla_policies.actions import create_policy

_HOURS = [{"weekday": day, "opens": "08:00", "closes": "17:00"} for day in range(1, 7)]
# Name, priority, minutes until the first response and until the solution.
_PROMISES = (
    ("Khẩn cấp", "urgent", 60, 8 * 60),
    ("Ưu tiên cao", "high", 2 * 60, 16 * 60),
    ("Thông thường", None, 4 * 60, 27 * 60),
)


@dataclass
class Helping:
    """One transaction of the service desk. ``users`` are ids by e-mail address."""

    tx: Session
    users: Mapping[str, str]

    def do(self, act: Act) -> None:
        """Do it, as whoever does such a thing."""
        self.by(act.facts.get("agent", company.AGENTS[0].email))
        verbs: Mapping[str, Callable[[Act], object]] = {
            "contract": self.contract,
            "write_article": self.write_article,
            "submit_article": lambda act: submit_article(self.tx, self._article(act)),
            "publish_article": self.publish_article,
            "open_case": self.open_case,
            "answer": self.answer,
            "ask_back": self.ask_back,
            "hear": self.hear,
            "escalate": lambda act: cases.escalate_case(self.tx, self._case(act), to=None, reason=None),
            "resolve": self.resolve,
            "close": lambda act: cases.close_case(self.tx, self._case(act)),
        }
        verbs[act.verb](act)

    def by(self, email: str) -> None:
        """From here on it is this person who asks."""
        self.actor = f"user:{self.users[email]}"
        self.tx.info["context"] = Context.fresh(self.actor)

    def promise(self) -> None:
        """How soon which customers are answered and helped."""
        self.by(company.SERVICE_MANAGER.email)
        for name, priority, response, solution in _PROMISES:
            facts: dict[str, object] = {"name": name, "priority": priority, "type": None, "hours": _HOURS, "custom": {}}
            facts |= {"first_response_minutes": response, "resolution_minutes": solution}
            create_policy(self.tx, facts=facts)

    def contract(self, act: Act) -> None:
        self.by(company.SERVICE_MANAGER.email)
        create_entitlement(self.tx, facts=act.facts, entitlement_id=id_of("entitlement", act.key))

    def write_article(self, act: Act) -> None:
        create_article(self.tx, facts=act.facts, by=self.actor, article_id=id_of("article", act.key))

    def publish_article(self, act: Act) -> None:
        self.by(company.SERVICE_MANAGER.email)
        publish_article(self.tx, self._article(act), by=self.actor, alone=False)

    def open_case(self, act: Act) -> None:
        owner_id = self.users[act.facts["agent"]]
        facts = act.facts["facts"] | {"custom": {}}
        cases.create_case(self.tx, facts=facts, owner_id=owner_id, case_id=id_of("case", act.key))

    def answer(self, act: Act) -> None:
        self._write(act, words.ANSWER, Visibility.PUBLIC)

    def ask_back(self, act: Act) -> None:
        self._write(act, words.INSIDE, Visibility.INTERNAL)
        self._write(act, words.ASKED_BACK, Visibility.PUBLIC)
        cases.pause_case(self.tx, self._case(act))

    def hear(self, act: Act) -> None:
        text = "Máy đã chạy 3.200 giờ, ảnh gửi kèm."
        self._write(act, text, Visibility.PUBLIC, Direction.IN, channel="demo", external_id=act.key)

    def resolve(self, act: Act) -> None:
        case = self._case(act)
        cases.link_article(self.tx, case, id_of("article", act.facts["article"]))
        cases.resolve_case(self.tx, case, resolution=act.facts["resolution"])

    def _write(
        self,
        act: Act,
        text: str,
        visibility: Visibility,
        direction: Direction = Direction.OUT,
        *,
        channel: str | None = None,
        external_id: str | None = None,
    ) -> None:
        author = self.actor if direction == Direction.OUT else None
        write_message(
            self.tx,
            self._case(act),
            text=text,
            visibility=visibility,
            direction=direction,
            author=author,
            channel=channel,
            external_id=external_id,
        )

    def _case(self, act: Act) -> Case:
        return self.tx.get_one(Case, id_of("case", act.key))

    def _article(self, act: Act) -> Article:
        return self.tx.get_one(Article, id_of("article", act.key))
