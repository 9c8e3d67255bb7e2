"""Every letter of every regulation, to each that is told by it, with and without a term to speak of."""

import re
import tomllib

import pytest

from webapp.notify.letters import TEMPLATES, _environment
from webapp.regulations.load import FOLDER
from webapp.words import catalogue

URL = "https://hoidap.example.vn/theo-doi"
CONTEXT = {
    "number": "QN-ABCDE-FGHIJ",
    "url": URL,
    "receiver": "Trung tâm",
    "agency": "Sở Xây dựng",
    "category": "Giao thông",
    "commune": "Xã Tân Hưng",
    "article": "TN24, Điều 8.2.a",
    "ground_article": "TN24, Điều 6.5",
    "by": "Lãnh đạo phụ trách",
    "label": "Thêm thời gian",
    "ground": "Người gửi yêu cầu giữ bí mật",
    "step": "Xử lý",
    "due": "Hạn xử lý: hết ngày 18/03/2026",
}


def told():
    """Each template with whether staff or a reporter reads it, once."""
    found = set()
    for path in sorted(FOLDER.glob("*.toml")):
        raw = tomllib.loads(path.read_text("utf-8"))
        org = {row["id"]: row["org"] for row in raw["role"]}
        found |= {(row["template"], org[to] != "reporter") for row in raw["notice"] for to in row["to"]}
    return sorted(found)


def with_and_without():
    """Each letter whole, and without each thing it says it may lack."""
    for template, staff in told():
        source = (TEMPLATES / f"{template}.txt").read_text("utf-8")
        lacking = [word for word in ("due", "ground") if re.search(rf"if n\.{word}\b", source)]
        yield from ((template, staff, missing) for missing in lacking)
        yield template, staff, ""


@pytest.mark.parametrize(("template", "staff", "missing"), sorted(set(with_and_without())))
def test_a_letter_reads_well(template, staff, missing):
    context = {**CONTEXT, "staff": staff}
    if missing:
        context[missing] = ""
    text = _environment().get_template(f"{template}.txt").render(n=context)
    subject, _, body = text.partition("\n")
    assert CONTEXT["number"] in subject and URL in body
    gaps = re.search(r"\(\)|\s\.|\.\.|: \.|  |None|Undefined", body.strip().replace("\n\n", "\n"))
    assert not gaps, body
    assert len(text) <= 480
    if staff:
        assert "Ông/Bà" not in text


@pytest.mark.parametrize("template", sorted(template for template, staff in told() if not staff))
def test_a_letter_to_a_reporter_has_a_form_for_the_phone(template):
    assert template in catalogue()["letter_short"]
