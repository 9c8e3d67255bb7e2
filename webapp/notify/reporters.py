"""The way to a reporter: by e-mail if they gave an address, else by a short message, if these are set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.config import Config
from webapp.notify.letters import Letter
from webapp.notify.mail import Mailer
from webapp.notify.outcomes import NoWay
from webapp.notify.sms import Texter


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach one reporter. Hidden from reprs, so that no traceback carries it."""

    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


# Opens the seal of the submission with this number in this case. Called at the moment of sending only.
Opener = Callable[[int, int], Contact]


class Reporters:
    """A channel to reporters; without mail and gateway it opens no seal and finds no way."""

    def __init__(self, config: Config, opener: Opener | None) -> None:
        self._mailer = Mailer(config.mail) if config.mail else None
        self._texter = Texter(config.sms) if config.sms else None
        self._opener = opener

    def deliver(self, letter: Letter) -> None:
        if self._opener is None or letter.to is None or not (self._mailer or self._texter):
            raise NoWay
        contact = self._opener(*letter.to)
        if self._mailer and contact.email:
            self._mailer.send(letter, contact.email)
        elif self._texter and contact.phone:
            self._texter.send(letter, contact.phone)
        else:
            raise NoWay
