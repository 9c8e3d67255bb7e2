"""The public door: everybody may enter and nobody is known, so no session and no cookie here."""

from flask import Blueprint

from webapp.doors.guards import open_to_all
from webapp.public import case, due, home, kept, media, near, on_map, rules

blueprint = Blueprint("public", __name__)
open_to_all(blueprint, same_for_all=True)
kept.keep_in(blueprint)

blueprint.add_url_rule("/", "home", home.show)
blueprint.add_url_rule("/pa/<code>", "case", case.show)
blueprint.add_url_rule("/ban-do/khung", "map_frame", on_map.frame)
blueprint.add_url_rule("/ban-do/phan-anh.json", "map_cases", on_map.cases)
blueprint.add_url_rule("/gan-day", "near", near.show)
blueprint.add_url_rule("/anh/<name>", "photo", media.show)
blueprint.add_url_rule("/tinh-han", "due", due.show)
blueprint.add_url_rule("/quy-che", "rules_list", rules.listed)
blueprint.add_url_rule("/quy-che/<id>", "rules", rules.show)
