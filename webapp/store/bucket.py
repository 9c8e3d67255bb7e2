"""Files named by their content in a bucket that speaks S3, for installations of more than one machine.

Loaded only where MEDIA_URL is set (`store.chosen_media`): its library takes a quarter of a second to import.
"""

import base64
import errno
import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, Final, cast

from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from webapp.config import Bucket
from webapp.store.media import MediaDown, MediaStore, checked, is_name
from webapp.store.opened import Seekable
from webapp.store.snapshot import sync

log = logging.getLogger("hoidap.media")
# Somebody waits for the answer at a form: refused soon is better than taken late.
CONNECT_S: Final = 3
READ_S: Final = 10
ATTEMPTS: Final = 2
LEAST_PART: Final = 4096
_ABSENT: Final = frozenset({"NoSuchKey", "NotFound", "404"})
_NO_VERSIONS: Final = frozenset({"NotImplemented", "MethodNotAllowed", "501", "405"})


class BucketStore(MediaStore):
    """One prefix of a bucket. Nothing is asked of the network before the first file."""

    def __init__(self, bucket: Bucket, label: str) -> None:
        self.label = label
        self._settings = bucket
        self._prefix = f"{bucket.prefix}/{label}/" if bucket.prefix else f"{label}/"

    @cached_property
    def _client(self) -> Any:
        """A client of this process, made at the first use: connections do not survive a fork."""
        id, secret = self._settings.credentials()
        return Session().create_client(
            "s3",
            region_name=self._settings.region,
            endpoint_url=self._settings.endpoint,
            aws_access_key_id=id,
            aws_secret_access_key=secret,
            config=_client_config(bool(self._settings.endpoint)),
        )

    def open(self, name: str) -> IO[bytes]:
        """The whole file in memory: readers of a page need not hold a connection to the bucket."""
        with self._asking("read a file"):
            answer = self._client.get_object(**self._at(name))
            return io.BytesIO(answer["Body"].read())

    def seekable(self, name: str) -> IO[bytes]:
        """A file of which each part is asked for as it is read: in memory is never more than the last one."""
        return cast(IO[bytes], _Parts(partial(self._part, self._at(name))))

    def _part(self, at: dict[str, str], start: int, length: int) -> tuple[bytes, int]:
        """So much of a file from there on, less at its end, and how long the whole is."""
        with self._asking("read part of a file"):
            answer = self._client.get_object(**at, Range=f"bytes={start}-{start + length - 1}")
            said, _, size = str(answer.get("ContentRange", "")).rpartition("/")
            if not said.startswith(f"bytes {start}-") or not size.isdecimal():
                answer["Body"].close()
                raise self._down("give the part that was asked for", "another range")
            return answer["Body"].read(), int(size)

    def delete(self, name: str) -> bool:
        """Every version goes: what a bucket keeps back after an erasure would be a residue."""
        at = self._at(name)
        with self._asking("delete a file"):
            found = self._versions(at["Key"])
            if found is None:
                found = [] if self.put_at(name) is None else [("", True)]
            for version, _ in found:
                self._client.delete_object(**at, **({"VersionId": version} if version else {}))
        return any(is_current for _, is_current in found)

    def listed(self) -> Iterator[tuple[str, float]]:
        with self._asking("list its files"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._settings.name, Prefix=self._prefix):
                for row in page.get("Contents", ()):
                    name = row["Key"].removeprefix(self._prefix)
                    if is_name(name):
                        yield name, row["LastModified"].timestamp()

    def put_at(self, name: str) -> float | None:
        try:
            with self._asking("tell of a file"):
                return float(self._client.head_object(**self._at(name))["LastModified"].timestamp())
        except FileNotFoundError:
            return None

    def where(self, name: str) -> str:
        return f"s3://{self._settings.name}/{self._at(name)['Key']}"

    def copy_to(self, name: str, target: Path) -> bool:
        try:
            with self.open(name) as source:
                target.write_bytes(source.read())
        except FileNotFoundError:
            return False
        sync(target)
        return True

    def drop_unfinished(self, before: float) -> int:
        """None are ever seen: a bucket has a file whole or not at all."""
        return 0

    def clear(self) -> None:
        for name in list(self.names()):
            self.delete(name)

    def _put(self, blocks: Iterator[bytes], suffix: str) -> str:
        content = b"".join(blocks)
        digest = hashlib.sha256(content)
        name, checksum = digest.hexdigest() + suffix, base64.b64encode(digest.digest()).decode()
        with self._asking("take a file"):
            answer = self._client.put_object(**self._at(name), Body=content, ChecksumSHA256=checksum)
        if not self._is_proved(name, content, checksum, answer):
            self._take_back(name, answer.get("VersionId"))
            log.error("the bucket acknowledged another content than was sent")
            raise MediaDown(errno.EIO, "the bucket acknowledged another content than was sent")
        return name

    def _is_proved(self, name: str, content: bytes, checksum: str, answer: dict[str, Any]) -> bool:
        """Whether the answer names the content's hash, in the new way or the old; else it is read back."""
        if "ChecksumSHA256" in answer:
            return bool(answer["ChecksumSHA256"] == checksum)
        tag = str(answer.get("ETag", "")).strip('"')
        if tag == hashlib.md5(content, usedforsecurity=False).hexdigest():
            return True
        try:
            return self.open(name).read() == content
        except FileNotFoundError:
            return False

    def _take_back(self, name: str, version: str | None) -> None:
        """Only what was put just now: a row may name an older version of the same content."""
        with suppress(MediaDown), self._asking("take a file back"):
            self._client.delete_object(**self._at(name), **({"VersionId": version} if version else {}))

    def _versions(self, key: str) -> list[tuple[str, bool]] | None:
        """Ids of all versions and deletion marks of this key, and whether it is the file as it stands.

        None from a server that knows no versions.
        """
        pages = self._client.get_paginator("list_object_versions")
        found = []
        try:
            for page in pages.paginate(Bucket=self._settings.name, Prefix=key):
                rows = [(row, row["IsLatest"]) for row in page.get("Versions", ())]
                rows += [(row, False) for row in page.get("DeleteMarkers", ())]
                found += [(row["VersionId"], current) for row, current in rows if row["Key"] == key]
        except ClientError as error:
            if _code(error) in _NO_VERSIONS:
                return None
            raise
        return found

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._settings.name, "Key": self._prefix + checked(name)}

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Whatever goes wrong is MediaDown; the library's own words may name the access key and stay here."""
        try:
            yield
        except ClientError as error:
            if _code(error) in _ABSENT:
                raise FileNotFoundError(errno.ENOENT, "the bucket has no such file") from None
            raise self._down(what, _code(error)) from None
        except BotoCoreError as error:
            raise self._down(what, type(error).__name__) from None

    def _down(self, what: str, why: str) -> MediaDown:
        log.error("the bucket %s did not %s: %s", self._settings.name, what, why)
        return MediaDown(errno.EIO, f"the bucket {self._settings.name} did not {what}: {why}")


class _Parts(Seekable):
    """A file that is read by `part(start, length)`, which also tells how long it is."""

    def __init__(self, part: Callable[[int, int], tuple[bytes, int]]) -> None:
        self._part, self._begin = part, 0
        # A sealed file's head is asked for with the file, not by itself.
        self._kept, size = part(0, LEAST_PART)
        super().__init__(size)

    def readinto(self, buffer: Any, /) -> int:
        wanted = min(len(buffer), self.size - self._at)
        if wanted <= 0:
            return 0
        if not self._begin <= self._at <= self._begin + len(self._kept) - wanted:
            self._kept = b""  # before the next one comes
            self._kept, _ = self._part(self._at, max(wanted, LEAST_PART))
            self._begin = self._at
        found = self._kept[self._at - self._begin :][:wanted]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _client_config(own_endpoint: bool) -> ClientConfig:
    return ClientConfig(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # Few servers besides Amazon's give every bucket a host name of its own. The body is signed, so that
        # no server takes one that was changed on the way.
        s3={"addressing_style": "path" if own_endpoint else "auto", "payload_signing_enabled": True},
        signature_version="s3v4",
        # Newer checksums only where we name one: many servers do not know them.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        ignore_configured_endpoint_urls=True,
    )
