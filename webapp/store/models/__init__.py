"""Every table, by noun. Import models from here, so that the metadata is always whole."""

from webapp.store.models.account import Account, StaffSession
from webapp.store.models.calendar import CalendarDay, CalendarNotice
from webapp.store.models.callback import Callback
from webapp.store.models.case import Assignment, Case, CaseEvent, Deadline, SubmissionState
from webapp.store.models.document import Document
from webapp.store.models.incoming import ExpectedFile, Recording
from webapp.store.models.office import Delegation, Focal
from webapp.store.models.outbox import Notice
from webapp.store.models.people import CitizenSession, DataKey, Identity
from webapp.store.models.privacy import DataRequest, Erasure, LegalHold, Reveal, RevealDelay
from webapp.store.models.public import PubCard, PubClock, PubContent, PubCount, PubPhoto, PubStep
from webapp.store.models.submission import Once, Photo, Submission, Text, Upload
from webapp.store.models.system import Meta

__all__ = [
    "Account",
    "Assignment",
    "CalendarDay",
    "CalendarNotice",
    "Callback",
    "Case",
    "CaseEvent",
    "CitizenSession",
    "DataKey",
    "DataRequest",
    "Deadline",
    "Delegation",
    "Document",
    "Erasure",
    "ExpectedFile",
    "Focal",
    "Identity",
    "LegalHold",
    "Meta",
    "Notice",
    "Once",
    "Photo",
    "PubCard",
    "PubClock",
    "PubContent",
    "PubCount",
    "PubPhoto",
    "PubStep",
    "Recording",
    "Reveal",
    "RevealDelay",
    "StaffSession",
    "Submission",
    "SubmissionState",
    "Text",
    "Upload",
]
