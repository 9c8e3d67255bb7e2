"""The settings of one process, read once from the environment; nothing else reads the environment."""

import importlib.util
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

MEGABYTE: Final = 1024 * 1024
GIGABYTE: Final = 1024 * MEGABYTE
UPLOAD_BYTES: Final = 25 * MEGABYTE
MOST_PROCESSES: Final = 64
WEB_PROCESSES: Final = min(2, os.cpu_count() or 1)
SMTPS_PORT: Final = 465
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


class ConfigError(Exception):
    """A setting cannot be used. The message names the variable and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail server that takes letters to reporters. Port 465 speaks TLS from the first byte."""

    host: str
    port: int
    sender: str
    user: str = ""
    password_file: Path | None = None
    starttls: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The HTTP service that takes short messages. `marks`: whether they keep their diacritics."""

    url: str
    token_file: Path | None = None
    marks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """An S3-compatible bucket for photos and documents. `endpoint`: None for Amazon's own."""

    name: str
    credentials_file: Path
    prefix: str = ""
    region: str = "us-east-1"
    endpoint: str | None = None

    def credentials(self) -> tuple[str, str]:
        """The access key's id and its secret: the two lines of the file. Raises ConfigError."""
        lines = self.credentials_file.read_text("utf-8").split()
        if len(lines) != 2:
            raise ConfigError("MEDIA_CREDENTIALS_FILE must hold two lines: the access key's id, its secret")
        return lines[0], lines[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """Map pictures of a server of the operator's choice, drawn under our own labels."""

    url: str
    credit: str

    @property
    def origin(self) -> str:
        """What the content security policy must allow."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting, checked. URLs are kept out of reprs, for they may carry passwords.

    `public_database_url` is a login of its own for the public door (PostgreSQL only); without it the
    public door borrows the main login and steps down to the public role.
    `trusted_proxies` is how many proxies in front may be believed about the client's address;
    `max_upload_bytes` holds for one photo. `min_free_bytes` is how much room on the disk must be left for
    reports to be taken; None: 3 % of the disk, see `store.space`.
    """

    data: Path
    database_url: str = field(repr=False)
    public_database_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = "http://127.0.0.1:8000"  # how people reach us; letters link to it
    installation: str = "quang-nam"
    demo: bool = False
    secure_cookies: bool = True
    trusted_proxies: int = 0
    max_upload_bytes: int = UPLOAD_BYTES
    web_processes: int = 1
    worker_processes: int = 1
    rate_limits: bool = True
    min_free_bytes: int | None = None
    identity_retention_years: int = 0  # 0: nobody is erased because time passed
    media: Bucket | None = None  # None: the folder `media_folder`
    mail: Mail | None = None
    sms: Gateway | None = None
    tiles: Tiles | None = None  # None: the shipped map alone

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Read the settings from `environ` (the process environment when None). Raises ConfigError."""
        read = _Reader(os.environ if environ is None else environ)
        data = read.folder("HOIDAP_DATA", Path("var"))
        demo = read.switch("DEMO", False)
        database_url = read.database("DATABASE_URL") or sqlite_url(data)
        port = read.number("PORT", 8000, low=1, high=65535)
        return cls(
            data=data,
            database_url=database_url,
            public_database_url=_public(database_url, read.database("PUBLIC_DATABASE_URL")),
            host=read.text("HOST", "127.0.0.1"),
            port=port,
            base_url=read.address("BASE_URL", f"http://127.0.0.1:{port}"),
            installation=read.slug("INSTALLATION", "quang-nam"),
            demo=demo,
            # A demo is tried over plain http on one's own machine, where Safari drops secure cookies.
            secure_cookies=read.switch("SECURE_COOKIES", not demo),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0, low=0, high=10),
            max_upload_bytes=read.number("MAX_UPLOAD_BYTES", UPLOAD_BYTES, low=MEGABYTE, high=GIGABYTE),
            web_processes=read.number("WEB_PROCESSES", WEB_PROCESSES, low=1, high=MOST_PROCESSES),
            worker_processes=read.number("WORKER_PROCESSES", 1, low=0, high=MOST_PROCESSES),
            rate_limits=read.switch("RATE_LIMITS", True),
            min_free_bytes=read.size("MIN_FREE_BYTES"),
            identity_retention_years=read.number("IDENTITY_RETENTION_YEARS", 0, low=0, high=100),
            media=_media(read),
            mail=_mail(read),
            sms=_gateway(read),
            tiles=_tiles(read),
        )

    @property
    def keys_folder(self) -> Path:
        return self.data / "keys"

    @property
    def media_folder(self) -> Path:
        return self.data / "media"

    @property
    def directory_folder(self) -> Path:
        """An operator's own agencies, areas and categories, over the shipped ones."""
        return self.data / "directory"

    @property
    def run_folder(self) -> Path:
        """What running processes tell each other; nothing in it must survive a restart."""
        return self.data / "run"

    @property
    def lock_file(self) -> Path:
        """The file every SQLite writer locks first."""
        return self.data / "write.lock"


def sqlite_url(data: Path) -> str:
    """The address of the embedded database inside the data folder."""
    return f"sqlite:///{data / 'hoidap.db'}"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Typed look-ups; an empty variable counts as not set, as it does in compose files."""

    environ: Mapping[str, str] = field(repr=False)

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def folder(self, name: str, default: Path) -> Path:
        folder = Path(self.text(name, str(default))).expanduser().absolute()
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"{name} is {str(folder)!r}, which is not a folder: name a folder")
        return folder

    def address(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        if not value.startswith(("http://", "https://")) or any(symbol.isspace() for symbol in value):
            raise ConfigError(f"{name} is {value!r}: write it like https://hoidap.example.vn")
        return value

    def file(self, name: str) -> Path | None:
        text = self.text(name, "")
        if text and not os.access(text, os.R_OK):
            raise ConfigError(f"{name} is {text!r}, which cannot be read: name a readable file")
        return Path(text).absolute() if text else None

    def slug(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not value.isascii() or not value.replace("-", "").isalnum() or value != value.lower():
            raise ConfigError(f"{name} is {value!r}: use lower-case letters, digits and dashes")
        return value

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not low <= int(value) <= high:
            raise ConfigError(f"{name} is {value!r}: give a whole number from {low} to {high}")
        return int(value)

    def size(self, name: str) -> int | None:
        if not self.text(name, ""):
            return None
        return self.number(name, 0, low=0, high=1024 * GIGABYTE)

    def switch(self, name: str, default: bool) -> bool:
        value = self.text(name, "on" if default else "off").lower()
        if value not in _YES | _NO:
            raise ConfigError(f"{name} is {value!r}: write on or off")
        return value in _YES

    def database(self, name: str) -> str | None:
        value = self.text(name, "")
        if not value:
            return None
        try:
            url = make_url(value)
        except ArgumentError:
            # No cause: the library's message may repeat the address with its password.
            raise ConfigError(f"{name} cannot be read as a URL: {_URL_FORMS}") from None
        return _driven(name, url.drivername, value)


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mail(read: _Reader) -> Mail | None:
    host, sender = read.text("SMTP_HOST", ""), read.text("MAIL_FROM", "")
    if not host:
        return None
    name, _, domain = sender.rpartition("@")
    if not name or not domain or not sender.isascii() or any(symbol in sender for symbol in " <>,\r\n"):
        raise ConfigError(f"MAIL_FROM is {sender!r}: write the address alone, like hoidap@example.vn")
    mail = Mail(
        host=host,
        port=read.number("SMTP_PORT", 587, low=1, high=65535),
        sender=sender,
        user=read.text("SMTP_USER", ""),
        password_file=read.file("SMTP_PASSWORD_FILE"),
        starttls=read.switch("SMTP_STARTTLS", True),
    )
    if bool(mail.user) != bool(mail.password_file):
        raise ConfigError("SMTP_USER and SMTP_PASSWORD_FILE go together: set both or neither")
    if not mail.starttls and mail.port != SMTPS_PORT and not is_loopback(host):
        raise ConfigError("SMTP_STARTTLS is off: letters cross a network only inside TLS, leave it on")
    return mail


def _gateway(read: _Reader) -> Gateway | None:
    url = read.text("SMS_URL", "")
    if not url:
        return None
    url = read.address("SMS_URL", "")
    parts = urlsplit(url)
    if not parts.hostname or "@" in parts.netloc:
        raise ConfigError("SMS_URL names no host, or a password: put the password into SMS_TOKEN_FILE")
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        raise ConfigError("SMS_URL must begin with https://: numbers cross a network only inside TLS")
    return Gateway(url=url, token_file=read.file("SMS_TOKEN_FILE"), marks=read.switch("SMS_MARKS", False))


def _tiles(read: _Reader) -> Tiles | None:
    url, credit = read.text("TILE_URL", ""), read.text("TILE_ATTRIBUTION", "")
    if not url:
        return None
    parts = urlsplit(url)
    if not all(part in url for part in ("{z}", "{x}", "{y}")) or not re.fullmatch(
        r"[\w:/.?=&{}@%-]+", url, re.A
    ):
        raise ConfigError("TILE_URL cannot be read: write it like https://tiles.example.vn/{z}/{x}/{y}.png")
    if not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc):
        raise ConfigError("TILE_URL must name one plain host: the pages allow pictures from it and no other")
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ConfigError("TILE_URL must begin with https://: where people look is nobody else's business")
    if not credit:
        raise ConfigError("TILE_URL needs TILE_ATTRIBUTION: the words its owner asks for, shown on the map")
    return Tiles(url=url, credit=credit)


_MEDIA_FORM: Final = "write s3://bucket/prefix?endpoint=https://s3.example.vn&region=vn-1"


def _media(read: _Reader) -> Bucket | None:
    """No message repeats the value: somebody may have written a password into it."""
    text = read.text("MEDIA_URL", "")
    if not text:
        return None
    parts, credentials = urlsplit(text), read.file("MEDIA_CREDENTIALS_FILE")
    options, prefix = dict(parse_qsl(parts.query)), parts.path.strip("/")
    well_formed = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc)
    if parts.scheme != "s3" or not well_formed or not re.fullmatch(r"[\w./-]*", prefix, re.ASCII):
        raise ConfigError(f"MEDIA_URL cannot be read: {_MEDIA_FORM}")
    if not options.keys() <= {"endpoint", "region"}:
        raise ConfigError(f"MEDIA_URL has an option besides endpoint and region: {_MEDIA_FORM}")
    if credentials is None:
        raise ConfigError("MEDIA_URL needs MEDIA_CREDENTIALS_FILE: a file of two lines, key id and secret")
    if importlib.util.find_spec("botocore") is None:
        raise ConfigError("MEDIA_URL needs a package more: pip install 'hoidap[s3]'")
    endpoint = _endpoint(options.get("endpoint"))
    region = options.get("region", "us-east-1")
    bucket = Bucket(
        name=parts.netloc, credentials_file=credentials, prefix=prefix, region=region, endpoint=endpoint
    )
    bucket.credentials()
    return bucket


def _endpoint(url: str | None) -> str | None:
    parts = urlsplit(url or "https://none")
    if not parts.hostname or "@" in parts.netloc or parts.scheme not in ("http", "https"):
        raise ConfigError(f"MEDIA_URL names an endpoint that cannot be read: {_MEDIA_FORM}")
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        raise ConfigError("the endpoint in MEDIA_URL must begin with https://: files cross a network in TLS")
    return url


_URL_FORMS: Final = "write sqlite:////absolute/path.db or postgresql://user:password@host/database"


def _public(database_url: str, public_url: str | None) -> str | None:
    if public_url and not (public_url.startswith("postgresql") and database_url.startswith("postgresql")):
        raise ConfigError("PUBLIC_DATABASE_URL is for PostgreSQL: unset it, or change DATABASE_URL too")
    return public_url


def _driven(name: str, driver: str, value: str) -> str:
    kind, _, rest = value.partition("://")
    if driver in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if driver in ("sqlite", "sqlite+pysqlite"):
        return f"sqlite://{rest}"
    raise ConfigError(f"{name} names {kind!r}, which is not supported: {_URL_FORMS}")
