"""The citizen door: send a report, follow it with the secret code, answer, ask back, rate.

Its guard is open: anybody may send a report or type a code. What is private stands behind
`door.token()` and `citizens.submission_of`, which answer nothing to strangers.
"""

from webapp.citizen import call_me, data, follow, letterbox, mine, old_form, outbox, phone, report
from webapp.citizen.door import blueprint

__all__ = [
    "blueprint",
    "call_me",
    "data",
    "follow",
    "letterbox",
    "mine",
    "old_form",
    "outbox",
    "phone",
    "report",
]
