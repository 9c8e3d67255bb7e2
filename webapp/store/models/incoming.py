"""Files that a phone promised and sends after the text, and the recordings among those that came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class ExpectedFile(Base):
    """One file of a submission as its phone announced it: `state` is waiting, received or refused.

    `uid` is the phone's name for it, `name` ours for the pieces on disk, which `wrapped` seals while it
    waits. `promise` holds size, hash and type under the case's content key: in clear they would tell whoever
    holds the phone's photo that it is this one. `size` is clear only while the file waits. `kept_id` is the
    row of the photo or recording that it became, `reason` the code of why it was refused.
    """

    __tablename__ = "expected_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    submission: Mapped[int]
    uid: Mapped[str]
    kind: Mapped[str]
    size: Mapped[int | None]
    promise: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(unique=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str]
    reason: Mapped[str | None]
    kept_id: Mapped[int | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("case_id", "submission", "uid"),
        Index(
            "ix_expected_file_waiting",
            "name",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )


class Recording(Base):
    """A film or a spoken report, sealed as it came under its own data key; nothing here decodes it.

    `mark` is a keyed hash of the file as sent.
    """

    __tablename__ = "recording"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    submission: Mapped[int]
    kind: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int]
    mark: Mapped[str]
    original: Mapped[str]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
