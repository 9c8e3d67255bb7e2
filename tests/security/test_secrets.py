"""Keys, hashes and the code that uses them: what lies where, who may read it, and what is never called."""

from __future__ import annotations

import ast
import re
import stat
import tomllib
from pathlib import Path

import pytest

from webapp.core import secret_code
from webapp.store import sealing

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "webapp").rglob("*.py"))
KEYISH = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|(?i:secret_key|api_key|password|token)\s*[:=]\s*[\"'][^\"'{}<> ]{16,}[\"']|AKIA[0-9A-Z]{16}"
)


def trees():
    return [(path, ast.parse(path.read_text("utf-8"))) for path in MODULES]


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.asvs("13.3.1")
def test_no_key_stands_in_the_checkout_and_each_is_made_at_the_first_start(town, tmp_path):
    kinds = {".py", ".toml", ".html", ".js", ".json", ".md", ".txt", ".ini", ".cfg", ".sh", ""}
    folders = ("webapp", "static", "migrations", "scripts", "docs")
    for path in [p for folder in folders for p in (ROOT / folder).rglob("*")] + list(ROOT.glob("*.*")):
        if path.is_file() and path.suffix in kinds and "__pycache__" not in path.parts:
            hit = KEYISH.search(path.read_text("utf-8", "replace"))
            assert hit is None, f"{path}: {hit[0][:40]}"
    keys = sealing.Keys.load_or_create(tmp_path / "k")
    assert len({keys.master, keys.receipt, keys.index, keys.session, keys.flask}) == 5
    assert keys.master != town.house.keys.master and repr(keys).count("b'") == 0


@pytest.mark.asvs("13.3.1")
def test_what_is_secret_on_disk_is_its_owners_alone(town):
    town.report()
    data = town.house.config.data
    assert stat.S_IMODE(data.stat().st_mode) & 0o077 == 0, "the data folder is closed, so what lies in it is"
    for path in (*data.glob("keys/*"), data / "keys"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    for folder in (data / "media" / "sealed", data / "media" / "public"):
        assert not folder.exists() or stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0


@pytest.mark.asvs("11.2.4")
def test_secrets_are_looked_up_by_keyed_hash_or_compared_in_constant_time():
    """No `==` between a stored secret and what somebody brought along."""
    names = re.compile(r"(?:mac|token|secret|password|signature|code_mac)$")
    faults = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
                # A column stands on one side of what the database compares, a bound value on the other.
                queried = ("models.", "submission.", "row.", "photo.", "upload.", "bindparam(")
                if any(names.search(side) for side in sides) and not any(
                    side.startswith(queried) for side in sides
                ):
                    faults.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")
    assert faults == [], "use store.sealing.same, or look the keyed hash up in the database"
    assert "compare_digest" in Path(sealing.__file__).read_text("utf-8")
    assert sealing.same("a", "a") and not sealing.same("a", "b") and not sealing.same("a", "aa")


# Other people's protocols, beside our own SHA-256: tus 1.0 knows SHA-1 for a piece, S3 tells MD5 as ETag.
DEMANDED = {"wire.py": "hashlib.sha1", "bucket.py": "hashlib.md5"}


@pytest.mark.asvs("11.3.2", "11.3.3")
def test_ciphers_are_authenticated_ones_and_none_is_written_by_us():
    banned = re.compile(
        r"\b(?:ECB|CBC|CTR|OFB|CFB|TripleDES|ARC4|Blowfish|PKCS1v15|Fernet|MD5|SHA1|md5|sha1)\b"
    )
    importers = set()
    for path, tree in trees():
        for name, node in calls(tree):
            if path.name in DEMANDED and DEMANDED[path.name] in name:
                continue
            assert not banned.search(name), f"{path}:{node.lineno} {name}"
        text = path.read_text("utf-8")
        assert "primitives.ciphers import" not in text, f"{path}: only primitives.ciphers.aead"
        if "primitives.ciphers.aead" in text:
            importers.add(path.name)
    assert importers == {"sealing.py"}, "one module seals"


@pytest.mark.asvs("11.3.3", "11.3.4")
def test_a_sealed_value_that_was_changed_or_moved_does_not_open_and_no_two_are_alike(town):
    vault = town.house.vault
    key, _ = vault.new_data_key()
    sealed = vault.seal(key, b"name", "identity", "1", "name")
    assert vault.open(key, sealed, "identity", "1", "name") == b"name"
    for position in range(len(sealed)):
        broken = bytearray(sealed)
        broken[position] ^= 1
        with pytest.raises(sealing.Unsealable):
            vault.open(key, bytes(broken), "identity", "1", "name")
    for place in (("identity", "2", "name"), ("identity", "1", "phone"), ("text", "1", "name")):
        with pytest.raises(sealing.Unsealable):
            vault.open(key, sealed, *place)
    nonces = {vault.seal(key, b"name", "identity", "1", "name")[1:13] for _ in range(5000)}
    assert len(nonces) == 5000


@pytest.mark.asvs("11.5.1", "7.2.3", "6.5.3")
def test_randomness_comes_from_the_systems_generator_alone():
    for path, tree in trees():
        if "demo" in path.parts:
            continue  # painted pictures are the same each time, on purpose
        for node in ast.walk(tree):
            modules = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not {"random", "uuid"} & set(modules), f"{path}:{node.lineno}: use secrets"
        for name, node in calls(tree):
            if name in ("secrets.token_hex", "secrets.token_urlsafe", "secrets.token_bytes") and node.args:
                [size] = node.args
                short = isinstance(size, ast.Constant) and size.value < 16
                assert not short or "reference" in ast.unparse(tree) or "nonce" in ast.unparse(tree), (
                    f"{path}:{node.lineno}"
                )
    assert secret_code.DATA_BITS >= 112


@pytest.mark.asvs("1.2.5")
def test_nothing_of_ours_starts_a_shell():
    for path, tree in trees():
        for name, node in calls(tree):
            assert name not in ("os.system", "os.popen", "eval", "exec", "pickle.loads", "yaml.load"), (
                f"{path}:{node.lineno} {name}"
            )
            shell = next((word.value for word in node.keywords if word.arg == "shell"), None)
            assert shell is None, f"{path}:{node.lineno} names a shell"
            if name.startswith("subprocess."):
                assert not any(
                    part in path.parts for part in ("citizen", "agency", "public", "operations")
                ), path
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]["select"]
    assert "S" in rules, "ruff's S60x rules watch over the rest"


@pytest.mark.asvs("1.2.4")
def test_no_statement_is_put_together_from_words():
    """Text handed to the database is a constant, or made of constants of ours (migrations aside)."""
    for path, tree in trees():
        for name, node in calls(tree):
            if (
                name.split(".")[-1] in ("text", "exec_driver_sql", "execute")
                and node.args
                and isinstance(node.args[0], ast.JoinedStr)
            ):
                assert {"store", "demo"} & set(path.parts), f"{path}:{node.lineno}: {ast.unparse(node)[:80]}"


@pytest.mark.asvs("1.2.1")
def test_pages_escape_by_themselves_and_no_template_switches_it_off(app):
    assert app.jinja_env.autoescape is not False
    for path in (ROOT / "webapp" / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert "|safe" not in text.replace(" ", "") and "autoescape" not in text, path
        assert not re.search(r"=\{\{", text), f"{path}: an attribute without quotes"
    for path, tree in trees():
        assert not [
            n for name, n in calls(tree) if name.split(".")[-1] in ("Markup", "render_template_string")
        ], path
    for path in (ROOT / "static" / "js").glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
            path.read_text("utf-8"),
        ), path
