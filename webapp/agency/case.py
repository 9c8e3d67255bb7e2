"""One case at the desk, and its photos."""

from __future__ import annotations

from flask import Response, render_template, request

from webapp.agency import access, case_view
from webapp.agency.door import blueprint
from webapp.agency.guard import staff
from webapp.doors import house, now
from webapp.doors.download import attachment, picture, seekable
from webapp.operations import documents, photos, recordings
from webapp.operations.work import Gone
from webapp.store import models
from webapp.store.sealing import Unsealable

WIDTHS = {480, 1280}


@blueprint.get("/vu/<int:id>")
def case(id: int) -> str:
    with house().reading(now()) as work:
        file = access.open_case(work, staff(), id)
        return render_template("agency/case.html", case=case_view.page(work, file, staff()))


@blueprint.get("/vu/<int:id>/anh/<int:photo_id>")
def photo(id: int, photo_id: int) -> Response:
    """A redrawn copy, opened for this request alone; nothing on the way may keep it."""
    text = request.args.get("w", "480")
    width = int(text) if text in map(str, WIDTHS) else 480
    with house().reading(now()) as work:
        found = access.open_photo(work, staff(), id, photo_id)
        try:
            data = photos.shown(work, found, width)
        except LookupError:
            raise Gone(photo_id) from None
    return picture(data)


@blueprint.get("/vu/<int:id>/ban-ghi/<int:recording_id>")
def recording(id: int, recording_id: int) -> Response:
    """A film or spoken report as it came, saved or played, whole or in parts. Gone for whom it is not."""
    with house().reading(now()) as work:
        row = access.open_recording(work, staff(), id, recording_id)
        name = recordings.file_name(work.session.get_one(models.Case, id).code, row)
        try:
            return seekable(recordings.opened(work, row), row.mime, name, recordings.version(row))
        except (Unsealable, FileNotFoundError):
            raise Gone(recording_id) from None


@blueprint.get("/vu/<int:id>/van-ban/<int:document_id>")
def document(id: int, document_id: int) -> Response:
    """A document of the case as a file to be saved. Gone for documents of other cases."""
    with house().reading(now()) as work:
        file = access.open_case(work, staff(), id)
        try:
            return attachment(documents.download(work, file.row, document_id))
        except (Unsealable, FileNotFoundError):
            raise Gone(document_id) from None
