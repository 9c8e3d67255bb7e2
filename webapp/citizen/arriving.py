"""What the reporter's phone still sends and what was not taken, in the reporter's own words."""

from __future__ import annotations

from webapp.doors import house
from webapp.operations import doubts, expected, photos, recordings
from webapp.operations.expected import PHOTO, REFUSED, Told
from webapp.operations.work import Work
from webapp.store import models
from webapp.store.sealing import Unsealable
from webapp.words import sentence


def lines(work: Work, row: models.Submission) -> list[str]:
    """A line for each kind on its way, each kind of recording that came, and each reason of refusal."""
    rows = expected.of_submission(work, row.case_id, row.no)
    counts = expected.waiting(work, rows)
    said = [sentence("arriving_mine", code, count=n, days=expected.EXPIRY.days) for code, n in counts.items()]
    for kind in (recordings.VIDEO, recordings.VOICE):
        here = sum(one.kind == kind and one.state == expected.RECEIVED for one in rows)
        said += [sentence("arriving_mine", f"have_{kind}", count=here)] if here else []
    said += [sentence("arriving_mine", "doubt")] if doubts.codes([row]) else []
    return said + _refused(work, rows)


def _refused(work: Work, rows: list[models.ExpectedFile]) -> list[str]:
    try:
        told = expected.told(work, [row for row in rows if row.state == REFUSED])
    except Unsealable:
        return []  # the key was destroyed, on purpose
    reasons = [why_refused(line) for line in told if line.reason != "withdrawn"]
    return [
        sentence("arriving_mine", "not_taken", count=reasons.count(reason), reason=reason)
        for reason in dict.fromkeys(reasons)
    ]


def why_refused(line: Told) -> str:
    """Why a file was not taken, with the limit that it went over."""
    most = house().config.max_upload_bytes if line.kind == PHOTO else recordings.MAX_BYTES
    size = photos.DAY_BYTES if line.reason == "day_bytes" else most
    count = photos.DAY_FILES if line.reason == "day_files" else photos.MAX_FILES
    return sentence("file_refused", line.reason, size=size // 2**20, count=count)
