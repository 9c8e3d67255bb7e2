"""Documents that staff attach to a result."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class Document(Base):
    """A PDF or DOCX of a case, sealed as it came under its own data key.

    Its title is a text of the case: clear or sealed as the others, and purged with them.
    """

    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    assignment: Mapped[int]
    account_id: Mapped[int]
    title_id: Mapped[int] = mapped_column(ForeignKey("text.id"))
    mime: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    original: Mapped[str]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
