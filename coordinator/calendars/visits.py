"""What an invite tells: one visit, and the two who are named in it."""

from dataclasses import dataclass
from datetime import datetime

from coordinator.calendars import texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody with a mailbox. Raises Refusal where ``email`` is not an address."""

    email: str
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "email", texts.address(self.email))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit as its person's calendar shows it, in one revision.

    ``uid`` and ``organizer`` stay for its whole life; ``sequence`` rises with each change of time or
    place and with the cancellation; ``revised_at`` is when this revision came to be. Raises ValueError
    for a naive instant, an end that is not after the start, a negative sequence; Refusal for a link that
    is none.
    """

    uid: str
    sequence: int
    revised_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    description: str
    url: str | None
    organizer: Party
    attendee: Party
    language: str

    def __post_init__(self) -> None:
        check(self.uid, self.sequence, self.starts_at, self.ends_at, self.revised_at)
        texts.language(self.language)
        if self.url is not None:
            texts.link(self.url)


def check(uid: str, sequence: int, starts_at: datetime, ends_at: datetime, revised_at: datetime) -> None:
    """Refuse what no calendar can hold. Raises ValueError."""
    texts.uid(uid)
    texts.instant(revised_at)
    if not 0 <= sequence < 2**31:
        raise ValueError(f"a sequence counts from 0: {sequence}")
    if texts.instant(ends_at) <= texts.instant(starts_at):
        raise ValueError(f"{uid} ends before it begins")
