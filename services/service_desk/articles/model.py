"""An article of the knowledge base: an answer to a common question, seen by four eyes before customers read it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.owned_lists import list_indexes
from chassis.published import Published
from chassis.records import Record
from chassis.search import Searchable, search_index
from events.service_desk import ArticleState
from services.service_desk.tables import Base, Json


class ArticleStatus(StrEnum):
    """Where an article stands."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ArticleNotDraft(Conflict):
    """Its text stays: a revision of it can be made."""

    code = "article_not_draft"


class ArticleNotInReview(Conflict):
    """Nobody has handed it in for review."""

    code = "article_not_in_review"


class ArticleNotPublished(Conflict):
    """Only what is published is revised."""

    code = "article_not_published"


class OwnArticle(Conflict):
    """Who wrote it does not publish it: that takes a second pair of eyes."""

    code = "own_article"


class Article(Searchable, Published, Record, Base):
    """``author`` is who changed the text last. All revisions of one article have its ``number``."""

    __tablename__ = "articles"
    __noun__: ClassVar[str] = "article"
    __state__ = ArticleState

    number: Mapped[str] = mapped_column(String(30))
    revision: Mapped[int] = mapped_column(Integer, default=1)
    supersedes_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="vi")
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    status: Mapped[str] = mapped_column(String(20), default=ArticleStatus.DRAFT)
    author: Mapped[str | None] = mapped_column(String(200))
    review_note: Mapped[str | None] = mapped_column(String(500))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[str | None] = mapped_column(String(200))

    @classmethod
    def search_parts(cls, row: Mapping[str, Any]) -> list[str | None]:
        """Title, number and tags first: of a long text only the beginning is searched."""
        return [row["title"], row["number"], *(row["tags"] or ()), row["body"]]

    def must_be_draft(self) -> None:
        """Raise ArticleNotDraft for one that is published, or was."""
        if self.status not in (ArticleStatus.DRAFT, ArticleStatus.REVIEW):
            raise ArticleNotDraft(say("A published article stays as it is; make a revision."))

    def must_be_published(self) -> None:
        """Raise ArticleNotPublished."""
        if self.status != ArticleStatus.PUBLISHED:
            raise ArticleNotPublished(say("This article is not published."))

    def written_by(self, author: str | None) -> None:
        """Its text was changed: what a reviewer has seen is not what it is now."""
        self.author, self.status = author, ArticleStatus.DRAFT

    def submit(self) -> bool:
        """It is ready to be reviewed. False when it was before."""
        if self.status == ArticleStatus.REVIEW:
            return False
        self.must_be_draft()
        self.status, self.review_note = ArticleStatus.REVIEW, None
        return True

    def decline(self, note: str) -> bool:
        """The reviewer wants it changed. False when it is a draft already."""
        if self.status == ArticleStatus.DRAFT:
            return False
        self._must_be_in_review()
        self.status, self.review_note = ArticleStatus.DRAFT, note
        return True

    def publish(self, by: str, at: datetime, *, alone: bool) -> bool:
        """Whoever searches finds it. False when it was published before; ``alone`` is for who needs no second."""
        if self.status == ArticleStatus.PUBLISHED:
            return False
        self._must_be_in_review()
        if self.author == by and not alone:
            raise OwnArticle(say("Somebody else has to publish what you wrote."))
        self.status, self.published_at, self.published_by = ArticleStatus.PUBLISHED, at, by
        return True

    def archive(self) -> bool:
        """It is not found any more. False when it was archived before."""
        if self.status == ArticleStatus.ARCHIVED:
            return False
        self.status = ArticleStatus.ARCHIVED
        return True

    def _must_be_in_review(self) -> None:
        if self.status != ArticleStatus.REVIEW:
            raise ArticleNotInReview(say("Hand it in for review first."))


search_index(Article, "title")
list_indexes(
    Article,
    filters=("status", "language", "author"),
    sorts=("created_at", "updated_at", "title", "published_at"),
)
Index("articles_number_key", Article.number, Article.revision, unique=True)
# One revision at a time.
_open = Article.status.in_(("draft", "review"))
Index("articles_open_revision_key", Article.supersedes_id, unique=True, postgresql_where=_open, sqlite_where=_open)
