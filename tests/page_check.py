"""The page check: every HTML page that a test fetches goes through `check`, which says the fault and the fix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

FIELDS = {"input", "select", "textarea"}
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")
# What a template leaves behind when a view forgot something.
LEFTOVERS = re.compile(r"\{\{|\{%|\bUndefined\b|\bNone\b|<[\w.]+ object at 0x")


class Page:
    """A parsed page: elements in document order, with their parents."""

    def __init__(self, html: str) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(html)
        self.errors: list[tuple[tuple[int, int], str, dict]] = parser.errors
        self.all = [el for el in self.root.iter() if isinstance(el.tag, str)]
        self.parent = {child: el for el in self.all for child in el}
        self.by_id = {el.get("id"): el for el in self.all if el.get("id")}

    def find(self, *tags: str) -> list[Element]:
        return [el for el in self.all if el.tag in tags]

    def above(self, el: Element) -> Iterator[Element]:
        while el in self.parent:
            el = self.parent[el]
            yield el

    def inside(self, el: Element, tag: str) -> Element | None:
        return next((up for up in self.above(el) if up.tag == tag), None)


def said(el: Element | None) -> str:
    """The words in an element, as read aloud: white space folded, alternative texts of pictures included."""
    if el is None:
        return ""
    parts: list[str] = []
    _gather(el, parts)
    return " ".join("".join(parts).split())


BLOCKS = {
    "p",
    "li",
    "div",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "br",
    "summary",
    "label",
    "legend",
    "option",
    "tr",
    "td",
}


def _gather(el: Element, parts: list[str]) -> None:
    if el.tag in ("script", "style", "template") or not isinstance(el.tag, str):
        return
    if el.tag in BLOCKS:
        parts.append(" ")
    if el.tag == "img":
        parts.append(el.get("alt") or "")
    parts.append(el.text or "")
    for child in el:
        _gather(child, parts)
        parts.append(child.tail or "")
    if el.tag in BLOCKS:
        parts.append(" ")


def check(html: str) -> Page:
    """The page, parsed. Raises AssertionError that lists every fault with its fix."""
    page = Page(html)
    faults = [fault for test in CHECKS for fault in test(page)]
    assert not faults, "\n".join(["the page check found:", *(f"  {fault}" for fault in faults)])
    return page


def label_of(page: Page, field: Element) -> str:
    """The words that name a field, or an empty string."""
    if field.get("aria-label"):
        return field.get("aria-label") or ""
    if field.get("aria-labelledby"):
        return " ".join(said(page.by_id.get(id)) for id in (field.get("aria-labelledby") or "").split())
    wanted = field.get("id")
    for label in page.find("label"):
        if (wanted and label.get("for") == wanted) or any(up is label for up in page.above(field)):
            return said(label)
    return ""


# Each check yields sentences: what is wrong, then what to do.


def _html(page: Page) -> Iterator[str]:
    for (line, _column), code, values in page.errors:
        yield f"line {line}: not valid HTML ({code} {values or ''}): close or nest the element rightly"
    if page.root.get("lang") != "vi":
        yield 'the page has no lang="vi": extend base.html'


def _headings(page: Page) -> Iterator[str]:
    h1 = page.find("h1")
    if len(h1) != 1:
        yield f"{len(h1)} h1 elements: a page has exactly one"
        return
    title = said(next(iter(page.find("title")), None))
    if not title.startswith(said(h1[0])):
        yield f"the title {title[:60]!r} does not begin with the h1 {said(h1[0])[:60]!r}: write block title once"
    level = 1
    for el in page.find("h1", "h2", "h3", "h4"):
        if int(el.tag[1]) > level + 1:
            yield f"{el.tag} {said(el)[:40]!r} follows h{level}: do not skip a level"
        level = int(el.tag[1])
        if not said(el):
            yield f"an empty {el.tag}: write its words or take it away"


def _ids(page: Page) -> Iterator[str]:
    counts = Counter(el.get("id") for el in page.all if el.get("id"))
    for id, count in counts.items():
        if count > 1:
            yield f"id {id!r} {count} times: make each id unique"
    for el in page.all:
        for name in REFERENCES:
            for id in (el.get(name) or "").split():
                if id not in page.by_id:
                    yield f'{el.tag} {name}="{id}" points to nothing: name an id of this page'
        target = el.get("href") or ""
        if el.tag == "a" and target.startswith("#") and target[1:] not in page.by_id:
            yield f"a link to {target}, which is not on this page"


def _fields(page: Page) -> Iterator[str]:
    for el in page.find(*FIELDS):
        if el.get("type") not in UNLABELLED and not label_of(page, el):
            yield f"{el.tag} name={el.get('name')!r} has no label: write <label for=…>"
        if el.get("type") == "radio" and not _legend(page, el):
            yield f"radio {el.get('name')!r} stands in no fieldset with a legend"
        if el.get("type") != "hidden" and el.get("placeholder"):
            yield f"{el.tag} {el.get('name')!r} has a placeholder: say it in the hint"


def _legend(page: Page, el: Element) -> bool:
    fieldset = page.inside(el, "fieldset")
    return fieldset is not None and any(said(child) for child in fieldset if child.tag == "legend")


def _forms(page: Page) -> Iterator[str]:
    for form in page.find("form"):
        names = {el.get("name") for el in form.iter("input")}
        post = (form.get("method") or "get").lower() == "post"
        if post and "csrf_token" not in names:
            yield f"the form to {form.get('action')!r} has no csrf_token: call forms.csrf()"
        if not post and "csrf_token" in names:
            yield f"the GET form to {form.get('action')!r} shows its csrf_token in the address"
        files = any(el.get("type") == "file" for el in form.iter("input"))
        if files and form.get("enctype") != "multipart/form-data":
            yield f"the form to {form.get('action')!r} has files but no enctype"
        if not any(el.tag == "button" or el.get("type") == "submit" for el in form.iter()):
            yield f"the form to {form.get('action')!r} has no button: it must work without JavaScript"


def _names(page: Page) -> Iterator[str]:
    for el in page.find("a", "button", "summary"):
        if not said(el) and not el.get("aria-label"):
            yield f"{el.tag} to {el.get('href')!r} has no words: say where it leads"
    for el in page.find("img"):
        if el.get("alt") is None:
            yield f"img {el.get('src')!r} has no alt"


def _inline(page: Page) -> Iterator[str]:
    for el in page.all:
        if el.tag == "style" or el.get("style") is not None:
            yield f"inline style on {el.tag}: use a class of static/css/app.css"
        if el.tag == "script" and not el.get("src"):
            yield "inline script: write a module in static/js bound by a data- attribute"
        handlers = [name for name in el.attrib if name.lower().startswith("on")]
        if handlers:
            yield f"{el.tag} has {handlers[0]}: bind a module by a data- attribute"
        for name in ("src", "href", "action"):
            address = (el.get(name) or "").strip().lower()
            if address.startswith(("javascript:", "//", "http:", "https:")):
                yield f"{el.tag} {name}={address[:50]!r}: pages load nothing from other hosts"


def _words(page: Page) -> Iterator[str]:
    words = said(next(iter(page.find("body")), None))
    for hit in LEFTOVERS.finditer(words):
        yield f"{hit[0]!r} is on the page ({words[max(0, hit.start() - 30) : hit.end() + 30]!r}): give the value"


CHECKS = (_html, _headings, _ids, _fields, _forms, _names, _inline, _words)
