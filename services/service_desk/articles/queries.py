"""Looking for articles: readers find what is published, writers everything."""

from collections.abc import Collection
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from chassis.access import System, access_of, find
from chassis.errors import NotFound
from chassis.filters import Filter
from chassis.paging import Listing
from chassis.search import Search
from services.service_desk.articles.model import Article, ArticleStatus

ARTICLES = Listing(
    model=Article,
    sorts=("created_at", "updated_at", "title", "published_at"),
    default_sort="-updated_at",
    filters={
        "status": Filter(Article.status, ArticleStatus),
        "language": Filter(Article.language, Literal["vi", "en"]),
        "number": Filter(Article.number),
        "author": Filter(Article.author),
        "created_at": Filter(Article.created_at),
        "updated_at": Filter(Article.updated_at),
    },
    search=Search(Article, Article.title),
)


def readable(tx: Session) -> list[ColumnElement[bool]]:
    """Conditions of what the asker may read: only what is published, unless they may write."""
    return [] if _writes(tx) else [Article.status == ArticleStatus.PUBLISHED]


def find_article(tx: Session, article_id: str, *, lock: bool = False) -> Article:
    """The article, if the asker may read it; raises NotFound."""
    article = find(tx, Article, article_id, lock=lock)
    if article.status != ArticleStatus.PUBLISHED and not _writes(tx):
        raise NotFound()
    return article


def open_revision(tx: Session, article_id: str) -> Article | None:
    """The revision of this article that is being written."""
    still = (ArticleStatus.DRAFT, ArticleStatus.REVIEW)
    return tx.scalars(select(Article).where(Article.supersedes_id == article_id, Article.status.in_(still))).first()


def titles_of(tx: Session, article_ids: Collection[str]) -> dict[str, str]:
    """What these articles are called."""
    if not article_ids:
        return {}
    chosen = select(Article.id, Article.title).where(Article.id.in_(sorted(article_ids)))
    return {row.id: row.title for row in tx.execute(chosen)}


def _writes(tx: Session) -> bool:
    access = access_of(tx)
    return isinstance(access, System) or access.depth(Article.__noun__, "write") != "none"
