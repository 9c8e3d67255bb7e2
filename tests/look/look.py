"""Renders every template with its sample, looks at it in Chromium and says what is wrong.

    python tests/look/look.py                    all pages: checks, axe, pictures into /tmp/hoidap-look
    python tests/look/look.py case home          only these samples
    python tests/look/look.py --no-pictures      checks and axe alone

The pages are served with the product's strict CSP, so an inline style or script shows as a violation.
"""

import argparse
import http.server
import re
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, select_autoescape
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))
import checks  # noqa: E402
import samples  # noqa: E402

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ARGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
VIEWS = {
    "393": (393, 852, "light"),
    "1280": (1280, 900, "light"),
    "393d": (393, 852, "dark"),
    "1280d": (1280, 900, "dark"),
}
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/manifest+json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


def render() -> dict[str, str]:
    env = Environment(
        loader=FileSystemLoader(ROOT / "webapp" / "templates"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(asset=lambda path: f"/static/look/{path}", csrf_token=lambda: "look")
    env.globals["request"] = SimpleNamespace(path="/")
    flashed: list[tuple[str, str]] = []
    env.globals["get_flashed_messages"] = lambda **_: list(flashed)  # macros keep the global they first saw
    pages = {}
    for name, (template, context) in samples.SAMPLES.items():
        flashed[:] = context.get("flashes", [])
        pages[name] = env.get_template(template).render(**samples.BASE | context)
    for path in sorted((ROOT / "webapp" / "templates" / "notices").glob("*.txt")):
        text = env.get_template(f"notices/{path.name}").render(n=samples.NOTICE)
        if "\n\n" not in text or len(text) > 480:
            raise SystemExit(f"notices/{path.name}: first line, empty line, body; at most 480 characters")
    return pages


def static_faults(name: str, html: str) -> list[str]:
    body = re.sub(r"<!--.*?-->", "", html, flags=re.S)
    faults = [
        f"inline {what}"
        for what, pattern in {
            "style": r"\sstyle=|<style",
            "handler": r"\son[a-z]+=",
            "script": r"<script(?![^>]*\ssrc=)",
            "host": r'(?:src|href)="(?:https?:)?//',
        }.items()
        if re.search(pattern, body)
    ]
    h1 = re.findall(r"<h1[^>]*>(.*?)</h1>", body, re.S)
    title = re.search(r"<title>(.*?)</title>", body, re.S)
    if len(h1) != 1 or not title or not title[1].startswith(h1[0].strip()):
        faults.append("one h1, and the title begins with it")
    ids = re.findall(r'\sid="([^"]+)"', body)
    faults += [f"id twice: {i}" for i in set(ids) if ids.count(i) > 1]
    faults += [f"link to nothing: #{i}" for i in re.findall(r'href="#([\w-]+)"', body) if i not in ids]
    posts = re.findall(r'<form[^>]*method="post".*?</form>', body, re.S)
    if any('name="csrf_token"' not in form for form in posts):
        faults.append("a POST form without csrf_token")
    if re.search(r"\bBạn\b|\bbạn\b|placeholder=|\sdisabled", body):
        faults.append("a word or attribute the house refuses (Bạn, placeholder, disabled)")
    return faults


def photographs() -> dict[str, bytes]:
    import io
    import random

    out, dice = {}, random.Random(7)
    for name, size, sky, ground in (
        ("truoc", (800, 600), (176, 190, 197), (96, 99, 98)),
        ("sau", (800, 600), (160, 199, 224), (122, 128, 122)),
        ("doc", (450, 800), (190, 205, 214), (70, 96, 66)),
    ):
        image = Image.new("RGB", size, sky)
        pen = ImageDraw.Draw(image)
        w, h = size
        pen.rectangle((0, h * 0.4, w, h), fill=ground)
        pen.rectangle((0, h * 0.28, w, h * 0.44), fill=(206, 188, 158))
        for x in range(0, w, 90):
            pen.rectangle((x + 20, h * 0.31, x + 60, h * 0.4), fill=(120, 108, 94))
        hole = (58, 52, 48) if name != "sau" else (150, 152, 150)
        pen.ellipse(
            (w * 0.3, h * 0.62, w * 0.7, h * 0.82),
            fill=hole,
            outline=(236, 190, 60) if name == "sau" else (70, 66, 60),
            width=10,
        )
        for _ in range(900):
            x, y = dice.randrange(w), dice.randrange(int(h * 0.4), h)
            pen.point((x, y), fill=(dice.randrange(60, 160),) * 3)
        buffer = io.BytesIO()
        image.filter(ImageFilter.GaussianBlur(1.2)).save(buffer, "JPEG", quality=82)
        out[name] = buffer.getvalue()
    return out


def serve(pages: dict[str, str]) -> http.server.ThreadingHTTPServer:
    photos = photographs()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(self.path.split("?")[0])
            if path.startswith("/static/look/"):
                file = ROOT / "static" / path.removeprefix("/static/look/")
                kind, data = (
                    TYPES.get(file.suffix, "text/plain"),
                    file.read_bytes() if file.is_file() else None,
                )
            elif path.startswith("/photos/"):
                kind, data = "image/jpeg", photos.get(Path(path).stem)
            elif path == "/sw.js":
                kind, data = "text/javascript", b"// none here"
            else:
                html = pages.get(path.strip("/"))
                kind, data = "text/html; charset=utf-8", html.encode() if html else None
            self.send_response(200 if data is not None else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", CSP)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def page_faults(page: Page, view: str) -> list[str]:
    return [f"{view}: {fault}" for fault in (*checks.wide(page), *checks.small(page), *checks.axe(page))]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--no-pictures", action="store_true")
    parser.add_argument("--views", default=",".join(VIEWS))
    parser.add_argument("--out", default="/tmp/hoidap-look")
    options = parser.parse_args()
    pages = render()
    names = options.names or list(pages)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    faults = {name: static_faults(name, pages[name]) for name in names}
    server = serve(pages)
    base = f"http://127.0.0.1:{server.server_address[1]}"
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for view in options.views.split(","):
            width, height, scheme = VIEWS[view]
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, service_workers="block"
            )
            page = context.new_page()
            said: list[str] = []
            page.on("console", lambda m, said=said: said.append(m.text) if m.type == "error" else None)
            for name in names:
                said.clear()
                page.goto(f"{base}/{name}", wait_until="networkidle")
                faults[name] += page_faults(page, view) + [f"{view}: console {x[:150]}" for x in said]
                if not options.no_pictures:
                    page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=out / f"{name}-{view}.png", full_page=True)
            context.close()
        # The narrowest phone with text at twice the size: everything must still be there.
        context = browser.new_context(
            viewport={"width": 320, "height": 640}, bypass_csp=True, service_workers="block"
        )
        page = context.new_page()
        for name in names:
            page.goto(f"{base}/{name}")
            faults[name] += [f"320: {fault}" for fault in checks.wide(page)]
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            faults[name] += [f"320 at 200 %: {fault}" for fault in checks.wide(page)]
            if not options.no_pictures:
                page.screenshot(path=out / f"{name}-320x2.png", full_page=True)
        for name in [n for n in ("case", "case-late", "sent") if n in names]:
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 794, "height": 1123})
            page.goto(f"{base}/{name}", wait_until="networkidle")
            page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
            page.wait_for_load_state("networkidle")
            sheets = len(
                re.findall(rb"/Type\s*/Page\b", page.pdf(path=out / f"{name}.pdf", prefer_css_page_size=True))
            )
            faults[name] += [f"print: {sheets} sheets instead of one A4"] if sheets != 1 else []
            page.set_viewport_size({"width": 688, "height": 1000})
            page.screenshot(path=out / f"{name}-print.png", full_page=True)
        browser.close()
    server.shutdown()
    for name, found in faults.items():
        for fault in found:
            print(f"{name}: {fault}")
    count = sum(map(len, faults.values()))
    print(f"{len(names)} pages, {count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
