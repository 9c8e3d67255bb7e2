"""What one citizen sent: ordinary rows, of which texts, places and photos may be purged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class Submission(Base):
    """One report as it was sent. `secret_mac` makes sending it twice harmless, `code_mac` opens it.

    `doubt`: why it may come from a machine, codes with spaces between; it is worked on all the same, apart
    from the others until somebody at the centre lifts the doubt. `written_at` is the phone's own time.
    `place_shown`: whether everybody may read the place exactly ("exact") or only its commune ("commune").
    """

    __tablename__ = "submission"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    no: Mapped[int]
    secret_mac: Mapped[str] = mapped_column(unique=True)
    code_mac: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    text_id: Mapped[int] = mapped_column(ForeignKey("text.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    place: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed under the case's content key
    place_shown: Mapped[str] = mapped_column(server_default="commune")
    helper_id: Mapped[int | None]  # the identity of who sent it for somebody
    occurred_on: Mapped[str]
    claimed_category: Mapped[str | None]
    claimed_area: Mapped[str | None]
    written_at: Mapped[datetime | None]
    doubt: Mapped[str | None]
    doubt_lifted_at: Mapped[datetime | None]
    doubt_lifted_by: Mapped[int | None]
    same_as: Mapped[str | None]  # the number of another case that its sender names as the same matter

    __table_args__ = (
        UniqueConstraint("case_id", "no"),
        Index(
            "ix_submission_doubt",
            "case_id",
            sqlite_where=text("doubt IS NOT NULL AND doubt_lifted_at IS NULL"),
            postgresql_where=text("doubt IS NOT NULL AND doubt_lifted_at IS NULL"),
        ),
    )


class Text(Base):
    """A text somebody wrote; events hold only its id. Of confidential cases `sealed` is used."""

    __tablename__ = "text"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str]
    uid: Mapped[str] = mapped_column(unique=True)  # names the row in the seal
    body: Mapped[str | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    account_id: Mapped[int | None]
    created_at: Mapped[datetime]
    purged_at: Mapped[datetime | None]


class Photo(Base):
    """A photo of a case: the sealed original, and sealed derivatives redrawn from its pixels.

    `submission` or `assignment` says whose it is; `status` is pending, ready or failed;
    `derivatives` is a list of {width, height, name, size, sha256}, the largest last; sizes are bytes.
    Once a hidden reporter's photo is redrawn, `original` and `wrapped` are null and mime, size, sha256,
    width and height are those of the largest derivative. `mark` is a keyed hash of the file as sent;
    `attempts` counts the children that broke on it.
    """

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    submission: Mapped[int | None]
    assignment: Mapped[int | None]
    mime: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    original: Mapped[str | None]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)  # the original's own data key
    status: Mapped[str]
    derivatives: Mapped[list[Any]]
    created_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    mark: Mapped[str] = mapped_column(server_default="")
    attempts: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        Index(
            "ix_photo_pending",
            "id",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
    )


class Upload(Base):
    """A photo or document kept on the server while its form is mended; sealed under its own draft key."""

    __tablename__ = "upload"
    uid: Mapped[str] = mapped_column(primary_key=True)
    draft_mac: Mapped[str] = mapped_column(index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    original: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime]
    mark: Mapped[str] = mapped_column(server_default="")

    @property
    def purpose(self) -> str:
        """What its data key was made for."""
        return "photo" if self.mime.startswith("image/") else "document"


class Once(Base):
    """A form's token that was already used, so that a second tap has one effect."""

    __tablename__ = "once"
    token: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)
