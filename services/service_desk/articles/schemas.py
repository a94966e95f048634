"""What is asked of articles, and what is answered."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from chassis.fields import Custom, Text, Text60, Text300, Text500
from chassis.http import Body, View
from services.service_desk.articles.model import Article, ArticleStatus

ArticleText = Annotated[Text, Field(max_length=100_000)]
Tags = Annotated[list[Text60], Field(max_length=20)]
LanguageName = Literal["vi", "en"]


class _Facts(Body):
    language: LanguageName = "vi"
    tags: Tags = Field(default_factory=list)
    custom: Custom = Field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The columns that were given a value."""
        facts = self.model_dump(exclude_unset=True, exclude={"id"})
        if "tags" in facts:
            facts["tags"] = list(dict.fromkeys(facts["tags"]))
        return facts


class CreateArticle(_Facts):
    """A question as title, and its answer as plain text or Markdown."""

    id: UUID | None = None
    title: Text300
    body: ArticleText

    def facts(self) -> dict[str, Any]:
        """The columns, without the custom fields that have no value."""
        facts = super().facts()
        return facts | {"custom": {key: value for key, value in self.custom.items() if value is not None}}


class PatchArticle(_Facts):
    """A merge patch of a draft: ``tags`` are replaced whole, ``custom`` merges per key."""

    title: Text300 = ""
    body: ArticleText = ""


class DeclineArticle(Body):
    """What is to be changed."""

    note: Text500


class ArticleView(View):
    """An article. ``supersedes_id`` is the published one whose place a revision will take."""

    id: str
    number: str
    revision: int
    supersedes_id: str | None
    title: str
    body: str
    language: LanguageName
    tags: list[str]
    status: ArticleStatus
    author: str | None
    review_note: str | None
    published_at: datetime | None
    published_by: str | None
    custom: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, article: Article) -> Self:
        """This article."""
        return cls.model_validate(article)
