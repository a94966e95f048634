"""The routes of articles. Whoever may only read finds what is published, and nothing else."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change
from services.service_desk.articles import actions
from services.service_desk.articles.model import Article
from services.service_desk.articles.queries import ARTICLES, find_article, readable
from services.service_desk.articles.schemas import ArticleView, CreateArticle, DeclineArticle, PatchArticle

router = Router(tags=["articles"])
ADMINISTRATOR = "administrator"


@router.get("/articles", listing=ARTICLES)
def list_articles(tx: Session, asked: ListRequest) -> Page[ArticleView]:
    """The published articles; for those who write them also drafts and archived ones; ``number`` finds revisions."""
    must_have(tx, Article, "read")
    return ARTICLES.page(tx, asked, ArticleView.of, where=readable(tx))


@router.post("/articles", status_code=201)
def create_article(tx: Session, caller: Caller, body: CreateArticle) -> ArticleView:
    """Draft an answer to a common question."""
    must_have(tx, Article, "create")
    article_id = str(body.id) if body.id else None
    return ArticleView.of(actions.create_article(tx, facts=body.facts(), by=caller.actor, article_id=article_id))


@router.get("/articles/{article_id}")
def read_article(tx: Session, article_id: UUID) -> ArticleView:
    """One article."""
    return ArticleView.of(_to_read(tx, article_id))


@router.patch("/articles/{article_id}")
def change_article(tx: Session, caller: Caller, article_id: UUID, body: PatchArticle, if_match: IfMatch) -> ArticleView:
    """Change a draft (merge patch); one that was in review is a draft again. 409 for a published one."""
    article = _to_change(tx, article_id, if_match)
    return ArticleView.of(actions.change_article(tx, article, facts=body.facts(), by=caller.actor))


@router.post("/articles/{article_id}/submit")
def submit_article(tx: Session, article_id: UUID, if_match: IfMatch) -> ArticleView:
    """Hand a draft in for review."""
    return ArticleView.of(actions.submit_article(tx, _to_change(tx, article_id, if_match)))


@router.post("/articles/{article_id}/decline")
def decline_article(tx: Session, article_id: UUID, body: DeclineArticle, if_match: IfMatch) -> ArticleView:
    """Back to its author, with what is to be changed. Needs the right to approve."""
    article = _to_change(tx, article_id, if_match, act="approve")
    return ArticleView.of(actions.decline_article(tx, article, note=body.note))


@router.post("/articles/{article_id}/publish")
def publish_article(tx: Session, caller: Caller, article_id: UUID, if_match: IfMatch) -> ArticleView:
    """Let everybody find it. Needs the right to approve; who wrote it last does not, but an administrator may."""
    article = _to_change(tx, article_id, if_match, act="approve")
    alone = ADMINISTRATOR in caller.roles or caller.kind == "system"
    return ArticleView.of(actions.publish_article(tx, article, by=caller.actor, alone=alone))


@router.post("/articles/{article_id}/archive")
def archive_article(tx: Session, article_id: UUID, if_match: IfMatch) -> ArticleView:
    """Nobody finds it any more. Needs the right to approve."""
    return ArticleView.of(actions.archive_article(tx, _to_change(tx, article_id, if_match, act="approve")))


@router.post("/articles/{article_id}/revise")
def revise_article(tx: Session, caller: Caller, article_id: UUID) -> ArticleView:
    """A draft that takes the place of a published article once it is published itself."""
    return ArticleView.of(actions.revise_article(tx, _to_change(tx, article_id), by=caller.actor))


@router.get("/articles/{article_id}/history")
def read_article_history(tx: Session, article_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on an article, by whom and when, newest first; for those who write articles."""
    must_have(tx, Article, "write")
    return History.of(tx, _to_read(tx, article_id), limit=limit, cursor=cursor)


def _to_read(tx: Session, article_id: UUID) -> Article:
    must_have(tx, Article, "read")
    return find_article(tx, str(article_id))


def _to_change(tx: Session, article_id: UUID, if_match: IfMatch | None = None, *, act: str = "write") -> Article:
    return to_change(tx, Article, article_id, if_match, view=ArticleView.of, act=act)
