"""One case at the desk, and its photos."""

from __future__ import annotations

from flask import Response, render_template, request

from webapp.agency import access, case_view
from webapp.agency.door import blueprint
from webapp.agency.guard import staff
from webapp.doors import house, now
from webapp.operations import photos
from webapp.operations.work import Gone

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
    response = Response(data, mimetype="image/jpeg")
    response.cache_control.private = True
    response.cache_control.no_store = True
    response.headers["Content-Disposition"] = "inline"
    return response
