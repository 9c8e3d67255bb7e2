"""Letters by e-mail: text only, under an id that a second sending repeats."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from webapp.config import SMTPS_PORT, Mail
from webapp.notify.letters import Letter
from webapp.notify.outcomes import Later, Refused

TIMEOUT_S = 10.0
_LONGEST = 254


class Mailer:
    """Hands letters to one mail server, a connection each: there are few, and none waits for another."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def send(self, letter: Letter, to: str) -> None:
        """Raises Refused when the server says never, Later when it says not now, OSError without a server."""
        message = written(letter, self._mail.sender, to)
        try:
            with self._connected() as server:
                server.send_message(message, self._mail.sender, [to])
        except smtplib.SMTPRecipientsRefused as refused:
            raise _judged(next(iter(refused.recipients.values()))[0]) from None
        except smtplib.SMTPAuthenticationError:
            raise Later("smtp_login") from None  # the setting is wrong, not the letter
        except smtplib.SMTPNotSupportedError:
            raise Refused("smtp_unsupported") from None
        except smtplib.SMTPConnectError as error:
            raise Later(f"smtp_{error.smtp_code}") from None
        except smtplib.SMTPResponseException as error:
            raise _judged(error.smtp_code) from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        mail, name = self._mail, self._mail.sender.rpartition("@")[2]
        if mail.port == SMTPS_PORT:
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.host, mail.port, name, timeout=TIMEOUT_S, context=context
            )
        else:
            server = smtplib.SMTP(mail.host, mail.port, name, timeout=TIMEOUT_S)
        try:
            self._settle(server)
            yield server
            _leave(server)
        finally:
            server.close()

    def _settle(self, server: smtplib.SMTP) -> None:
        mail = self._mail
        if mail.starttls and mail.port != SMTPS_PORT:
            _start_tls(server)
        if mail.user and mail.password_file:
            server.login(mail.user, mail.password_file.read_text("utf-8").strip())


def _start_tls(server: smtplib.SMTP) -> None:
    """Never go on without: a server that does not offer it may be somebody in between."""
    try:
        code, _ = server.starttls(context=ssl.create_default_context())
    except smtplib.SMTPNotSupportedError:
        raise Later("smtp_no_tls") from None
    if code != 220:
        raise Later("smtp_no_tls")


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        return  # the letter was taken already


def _judged(code: int) -> Refused | Later:
    return Refused(f"smtp_{code}") if code >= 500 else Later(f"smtp_{code}")


def written(letter: Letter, sender: str, to: str) -> EmailMessage:
    """The message; the same letter always gives the same one. Raises Refused for what is no address."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = message_id(letter.id, sender)
    message["From"] = sender
    message["To"] = _address(to)
    message["Subject"] = " ".join(letter.subject.split())
    if letter.at:
        message["Date"] = format_datetime(letter.at)
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday notice answers
    message.set_content(letter.body)
    return message


def message_id(id: str, sender: str) -> str:
    """Made of the notice's id, which itself would say in the clear what became of the report."""
    return f"<{hashlib.sha256(id.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"


def _address(text: str) -> Address:
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        raise Refused("bad_address") from None
    if len(text) > _LONGEST or not text.isprintable() or not address.username or not address.domain:
        raise Refused("bad_address")
    return address
