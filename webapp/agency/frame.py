"""What every page of the desk shows around its content: who one is, where one can go, the way out."""

from __future__ import annotations

from flask import g, request, url_for

from webapp.agency.door import PREFIX, blueprint
from webapp.agency.guard import Staff
from webapp.agency.tabs import everywhere
from webapp.doors import house
from webapp.doors.present import Vm
from webapp.regulations.installation import Installation
from webapp.words import sentence


@blueprint.context_processor
def frame() -> Vm:
    law, config = house().law, house().config
    who: Staff | None = g.get("staff")  # an error page may be drawn before the guard found out
    agency = law.directory.agency(who.agency) if who else None
    site = {
        "name": agency.short if agency else law.name,
        "tagline": _who(law, who) if who else sentence("desk", "staff"),
        "letters": law.letters,
        "demo": config.demo,
        "urls": {"home": "/", "report": "/gui", "follow": "/theo-doi", "desk": PREFIX},
        "contact": law.directory.coordinator.name,
        "links": _links(law),
    }
    logout = url_for("agency.logout") if who else None
    return {"site": site, "nav": _nav(law, who) if who else [], "desk": True, "logout_url": logout}


def _links(law: Installation) -> list[Vm]:
    """The rules one works by, at the foot of every page."""
    return [{"label": row.short_title, "url": f"/quy-che/{id}"} for id, row in law.own.items()]


def _nav(law: Installation, who: Staff) -> list[Vm]:
    places = [("todo", "agency.queue"), ("account", "agency.account")]
    if everywhere(law, who):
        places.insert(1, ("holidays", "agency.holidays"))
    return [
        {"label": sentence("desk", code), "url": url_for(endpoint), "current": request.endpoint == endpoint}
        for code, endpoint in places
    ]


def _who(law: Installation, who: Staff) -> str:
    return sentence("desk", "role_and_name", name=who.name, role=", ".join(role_labels(law, who)))


def role_labels(law: Installation, who: Staff) -> list[str]:
    """The roles of this account as its regulations call them, each once."""
    rows = (role for regulation in law.own.values() for role in regulation.roles)
    return list(dict.fromkeys(role.label for role in rows if role.id in who.roles))
