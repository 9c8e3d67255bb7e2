"""What a reporter's phone still sends, and the films and spoken reports that came, as the desk shows them."""

from __future__ import annotations

from flask import url_for

from webapp.agency import access
from webapp.agency.sight import Sight
from webapp.doors.present import Vm
from webapp.operations import expected, recordings
from webapp.store import models
from webapp.words import sentence


def pending(sight: Sight) -> str:
    """How many files of each kind are on their way, how many never came, and how many were not taken."""
    rows = expected.of_case(sight.work, sight.file.row.id)
    counts = expected.waiting(sight.work, rows)
    said = [sentence("arriving", code, count=n, days=expected.EXPIRY.days) for code, n in counts.items()]
    refused = sum(row.state == expected.REFUSED and row.reason != "withdrawn" for row in rows)
    return " ".join([*said, *([sentence("arriving", "not_taken", count=refused)] if refused else [])])


def films(sight: Sight) -> Vm:
    """Recordings to be saved as files, and a line for each that this reader may not have."""
    centre = access.is_centre(sight.who, sight.regulation)
    listed: list[Vm] = []
    sealed: list[str] = []
    counted: dict[str, int] = {}
    for row in recordings.of_case(sight.work, sight.file.row.id):
        counted[row.kind] = counted.get(row.kind, 0) + 1
        name, size = sentence("recording", row.kind, number=counted[row.kind]), _size(row)
        if recordings.may_have(sight.work, row, centre=centre):
            url = url_for("agency.recording", id=row.case_id, recording_id=row.id)
            listed.append({"name": name, "url": url, "size": size, "sound": row.kind == recordings.VOICE})
        else:
            coordinator = sight.work.law.directory.coordinator_under(sight.regulation.id).name
            about = {"name": name, "size": size, "coordinator": coordinator}
            sealed.append(sentence("recording", "sealed", **about))
    return {"title": sentence("recording", "title"), "files": listed, "sealed": sealed}


def _size(row: models.Recording) -> str:
    return sentence("recording", "size", size=f"{max(row.size, 100_000) / 1_000_000:.1f}".replace(".", ","))
