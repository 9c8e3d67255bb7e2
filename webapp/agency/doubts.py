"""What may come from a machine: why it is thought so, and the one press that lifts the doubt."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from webapp.agency import access
from webapp.agency.door import blueprint
from webapp.agency.guard import staff
from webapp.agency.sight import Sight
from webapp.doors import house, now
from webapp.doors.present import Vm
from webapp.operations import doubts
from webapp.operations.work import Gone
from webapp.words import sentence


@blueprint.post("/nghi-tu-dong/<int:id>")
def no_machine(id: int) -> Response:
    with house().reading(now()) as work:
        file = access.open_case(work, staff(), id)
        if not access.is_centre(staff(), file.regulation):
            raise Gone(id)
        number = file.row.code
    lifted = house().write(now(), lambda work: doubts.lift(work, id, staff().id))
    flash(sentence("desk_doubt", "lifted" if lifted else "lifted_before", number=number))
    return redirect(url_for("agency.case", id=id), 303)


def notice(sight: Sight) -> Vm | None:
    """For the centre, as long as nobody has looked and nobody has it in hand."""
    why = doubts.codes(sight.submissions)
    if not why or sight.state.assignments or not access.is_centre(sight.who, sight.regulation):
        return None
    return {
        "title": sentence("desk_doubt", "chip"),
        "text": " ".join([*(sentence("desk_doubt", code) for code in why), sentence("desk_doubt", "clock")]),
        "action": lift_url(sight.file.row.id),
        "button": sentence("desk_doubt", "lift"),
    }


def lift_url(case_id: int) -> str:
    return url_for("agency.no_machine", id=case_id)
