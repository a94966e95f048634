"""What people do with articles. Each checks no rights: its caller found the article as the one who asks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.published import Change, announce_new, set_fields
from events.service_desk import ArticleArchived, ArticleCreated, ArticlePublished, ArticleUpdated
from services.service_desk.articles.model import Article
from services.service_desk.articles.queries import open_revision
from services.service_desk.days import today
from services.service_desk.numbers.actions import next_number

_TEXT = ("title", "body", "language", "tags")


def create_article(tx: Session, *, facts: Mapping[str, Any], by: str, article_id: str | None = None) -> Article:
    """A draft; ``facts`` are columns by name."""
    article = Article(**facts, id=article_id or new_id(), revision=1, author=by)
    article.number = next_number(tx, "KB", today())
    announce_new(tx, article, ArticleCreated)
    return article


def change_article(tx: Session, article: Article, *, facts: Mapping[str, Any], by: str) -> Article:
    """Another text, which is to be reviewed again. Saying the same is no change. Raises ArticleNotDraft."""
    article.must_be_draft()
    change = Change(article)
    before = {name: getattr(article, name) for name in _TEXT}
    set_fields(article, facts)
    if any(getattr(article, name) != old for name, old in before.items()):
        article.written_by(by)
    if tx.is_modified(article):
        change.announce(tx, ArticleUpdated)
    return article


def submit_article(tx: Session, article: Article) -> Article:
    """Hand it in for review. Again changes nothing; raises ArticleNotDraft."""
    change = Change(article)
    if article.submit():
        change.announce(tx, ArticleUpdated)
    return article


def decline_article(tx: Session, article: Article, *, note: str) -> Article:
    """Back to its author, with what is to be changed. Raises ArticleNotInReview."""
    change = Change(article)
    if article.decline(note):
        change.announce(tx, ArticleUpdated)
    return article


def publish_article(tx: Session, article: Article, *, by: str, alone: bool) -> Article:
    """Readers find it, and no longer the one that it supersedes. Raises ArticleNotInReview or OwnArticle."""
    change = Change(article)
    if not article.publish(by, utcnow(), alone=alone):
        return article
    change.announce(tx, ArticlePublished)
    former = tx.get(Article, article.supersedes_id, with_for_update=True) if article.supersedes_id else None
    if former is not None:
        archive_article(tx, former)
    return article


def archive_article(tx: Session, article: Article) -> Article:
    """Nobody finds it any more; cases that name it still do. Again changes nothing."""
    change = Change(article)
    if article.archive():
        change.announce(tx, ArticleArchived)
    return article


def revise_article(tx: Session, article: Article, *, by: str) -> Article:
    """A draft with the same text, which will take its place; the one there is, if somebody has begun already.

    The article is locked. Raises ArticleNotPublished.
    """
    article.must_be_published()
    begun = open_revision(tx, article.id)
    if begun is not None:
        return begun
    text = {name: getattr(article, name) for name in (*_TEXT, "custom")}
    revision = Article(
        **text, id=new_id(), number=article.number, revision=article.revision + 1, supersedes_id=article.id, author=by
    )
    announce_new(tx, revision, ArticleCreated)
    return revision
