"""Pages run under `script-src 'self'; style-src 'self'` and fetch nothing from anybody else."""

import re

import pytest

JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
INLINE = {
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^<>]*\sstyle\s*=", re.IGNORECASE),
    "on… attribute": re.compile(r"<[^<>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"""["']\s*javascript:""", re.IGNORECASE),
}
HOST = re.compile(r"""https?://(?!www\.w3\.org/)[^\s"'<>)]+|(?:src|href|url)\s*[=(]\s*["']?//[^\s"'<>)]+""")
TEXT = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest", ".xml"}


def blanked(hit: re.Match[str]) -> str:
    """Jinja is not HTML: leave only its line ends, so that line numbers stay true."""
    return "\n" * hit[0].count("\n")


@pytest.mark.parametrize("name", INLINE)
def test_nothing_inline(name, templates, where, refuse):
    def hits(path):
        text = JINJA.sub(blanked, path.read_text(encoding="utf-8"))
        return ((text.count("\n", 0, hit.end()) + 1, hit[0]) for hit in INLINE[name].finditer(text))

    refuse(
        (
            f"{where(path, number)}: {name}: {' '.join(found.split())[-60:]}"
            for path in templates
            for number, found in hits(path)
        ),
        "behaviour is a module in static/js bound by a data- attribute, looks are a class in static/css; "
        "the content security policy refuses anything written into the page.",
    )


def test_no_foreign_host(root, templates, where, refuse):
    static = root / "static"
    ours = [p for p in sorted(static.rglob("*")) if p.suffix in TEXT and static / "vendor" not in p.parents]
    refuse(
        (
            f"{where(path, number)}: {hit[0]}"
            for path in [*templates, *ours]
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            for hit in HOST.finditer(line)
        ),
        "ship the file under static/ (third-party ones under static/vendor/), or make the address a "
        "setting or a regulation's `source`: a page must work, and stay private, without other hosts.",
    )
