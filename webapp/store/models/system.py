"""What the database knows of itself."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.columns import Base


class Meta(Base):
    """One fact about this database, e.g. stamp = demo."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
