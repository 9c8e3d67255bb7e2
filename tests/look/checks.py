"""What is asked of every page as it is drawn: nothing wider than the screen, nothing too small for a finger, axe."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SMALL = """() => [...document.querySelectorAll('a.btn, button, select, input:not([type=hidden],[type=radio],[type=checkbox]), summary, .choice label, .tick')]
  .filter(e => e.checkVisibility() && !e.closest('.sr')).map(e => [e, e.getBoundingClientRect()]).filter(([, r]) => r.height < 47.5 || r.width < 44)
  .map(([e, r]) => `${e.tagName} "${e.textContent.trim().slice(0, 20)}" ${Math.round(r.width)}x${Math.round(r.height)}`)"""
WIDE = """() => { const w = document.documentElement.clientWidth; const out = [];
  if (document.documentElement.scrollWidth > w) out.push('page ' + document.documentElement.scrollWidth);
  for (const e of document.querySelectorAll('main *')) { const r = e.getBoundingClientRect();
    if (r.width > 1 && r.right > w + 1 && getComputedStyle(e).clipPath === 'none' && !e.closest('.sr, .map-canvas')) out.push(e.tagName + '.' + e.className + ' ' + Math.round(r.right)); }
  return out.slice(0, 3) }"""


def wide(page: Page) -> list[str]:
    return [f"wider than the screen: {one}" for one in page.evaluate(WIDE)]


def small(page: Page) -> list[str]:
    return [f"small target: {one}" for one in page.evaluate(SMALL)]


def axe(page: Page, *rules: str) -> list[str]:
    """All rules by their tags, or only those that are named."""
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(TAGS)}
    found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"axe {one['id']} {one['nodes'][0]['html'][:110]} {one['nodes'][0].get('failureSummary', '')[:160]}"
        for one in found
    ]
