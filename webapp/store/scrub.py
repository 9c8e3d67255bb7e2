"""Getting deleted bytes out of a database's files, where its engine leaves copies of them."""

import time
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

# Where a person's bytes lay before an erasure: what docs/data-classes.toml calls personal, sealed or keyed,
# but not of staff. A full vacuum writes these anew; each is locked meanwhile.
PERSONAL: Final = (
    "identity",
    "data_key",
    "citizen_session",
    "submission",
    "text",
    "photo",
    "recording",
    "expected_file",
    "upload",
    "document",
    "callback",
    "pub.pub_content",
    "pub.pub_card",
)
_LOCK_NOT_AVAILABLE: Final = "55P03"
_LOOK_S: Final = 0.02
_NEXT: Final = text("SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text)")
# Of this database, or of none (a standby that tells what it reads): transactions and what they see, and what
# replication slots hold back. `age` counts from one end, so that it may be compared where numbers wrap round.
_OLDER: Final = text("""
    SELECT count(*) FROM (
        SELECT backend_xid AS x FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND coalesce(datname, current_database()) = current_database()
        UNION ALL SELECT backend_xmin FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND coalesce(datname, current_database()) = current_database()
        UNION ALL SELECT xmin FROM pg_replication_slots
    ) AS held WHERE age(x) > age(xid(CAST(:next AS xid8)))
""")


def scrub_sqlite(engine: Engine, wait_s: float) -> bool:
    """Move the write-ahead log into the database and cut it to nothing; False when a reader was in the way
    for so long.

    Measured without it: 200 deleted rows left 200 copies in the log, also with `secure_delete`.
    """
    connection = engine.raw_connection()
    try:
        # Outside of any transaction, and waiting for readers as long as the busy time-out says.
        cursor = connection.cursor()
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={round(wait_s * 1000)}").fetchall()
        try:
            busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}").fetchall()
        return not busy
    finally:
        connection.close()


def scrub_postgres(engine: Engine, wait_s: float) -> bool:
    """Write the personal tables anew without their dead rows; False when one could not be had for so long, or
    when somebody could still see the dead rows: a vacuum would keep them, and say nothing.

    PostgreSQL's own log keeps the old bytes until its segments are recycled; what was sealed in them stays
    unreadable without the destroyed key.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = {round(wait_s * 1000)}"))
        try:
            if not _all_look_past(connection, wait_s):
                return False
            for table in PERSONAL:
                connection.execute(text(f"VACUUM (FULL) {table}"))
            return True
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            return False
        finally:
            connection.execute(text("RESET lock_timeout"))


def _all_look_past(connection: Connection, wait_s: float) -> bool:
    """Whether nobody sees what was deleted before now, within so many seconds. Who comes later does not."""
    deadline, now = time.monotonic() + wait_s, connection.scalar(_NEXT)
    while connection.scalar(_OLDER, {"next": now}):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)
    return True
