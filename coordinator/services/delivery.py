"""Delivery: due mails leave one by one; one that its server keeps waiting lets the others pass."""

import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from email.message import EmailMessage
from time import monotonic
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from coordinator import database
from coordinator.errors import DeliveryFailed
from coordinator.models import NoticeState
from coordinator.notices import messages
from coordinator.notices.post import TIMEOUT_SECONDS, Letterhead, Post
from coordinator.services import due
from coordinator.services.due import LEASE, TRIES, Taken

LINES = 8
"""So many mails are on their way at once, where the server keeps all but the last of them waiting."""
PATIENCE_SECONDS = 1
"""After this long with one mail in hand, the next is taken."""
LONGEST_SLEEP_SECONDS = LEASE.total_seconds() - TIMEOUT_SECONDS
"""Whoever slept longer over a mail in hand (the machine stood still) leaves it: the lease might end before the try."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60, 3600
GIVEN_UP = "Given up after {tries} tries: {reason}"

Outcome = dict[str, Any]
"""What becomes of a notice: its new state or due time, and why; empty: as if nobody had taken it."""


class Delivery:
    """What one worker has in hand. Any number of workers may work at once.

    A worker takes its next mail in the transaction that marks the last, so where it dies, at most one mail has left
    without a mark; that one leaves again after its lease, with the same Message-ID, UID and SEQUENCE. Only those that
    the server keeps waiting for longer than ``PATIENCE_SECONDS`` come on top: they do not hold up the others. Times go
    by the database's clock; nothing is waited for inside a transaction. What could not be marked, since the database
    was away, is marked in the next round.
    """

    def __init__(self, sessions: sessionmaker[Session], post: Post, letterhead: Letterhead) -> None:
        self.sessions = sessions
        self.post = post
        self.letterhead = letterhead
        self._out: dict[Future[Outcome], Taken] = {}

    def work_off(self, ended: Callable[[], bool] = lambda: False) -> int:
        """Work off what is due until nothing is, or until it is ``ended``; what is in hand is brought to its end.

        Says how many mails that were: sent, dropped, put off or given up.
        """
        done = 0
        with ThreadPoolExecutor(LINES) as lines:
            try:
                while (found := self._turn(lines, ended)) or self._out:
                    done += found
            finally:
                self.post.hang_up()
        return done

    def _turn(self, lines: ThreadPoolExecutor, ended: Callable[[], bool]) -> bool:
        """Mark what came to its end and take the next, then wait a moment for it. Says whether there was a next."""
        begun = monotonic()
        over = [each for each in self._out if each.done()]
        with self.sessions() as session:
            database.begin_writing(session)
            at = database.clock(session)
            for each in over:
                due.mark(session, self._out[each], each.result(), at)
            full = len(self._out) - len(over) == LINES
            notice = None if full or ended() else due.next_due(session, at)
            taken = due.take(session, notice, at) if notice is not None else None
            session.commit()
        for each in over:
            del self._out[each]
        if taken is not None:
            last = lines.submit(_see_off, taken, begun, self.post, self.letterhead)
            self._out[last] = taken
            wait([last], PATIENCE_SECONDS)
        elif notice is None:
            wait(self._out, PATIENCE_SECONDS, FIRST_COMPLETED)
        return notice is not None


def _see_off(taken: Taken, begun: float, post: Post, letterhead: Letterhead) -> Outcome:
    """Write the message and hand it over; never raises, so that one message does not hold up the others."""
    if monotonic() - begun > LONGEST_SLEEP_SECONDS:
        return {}
    try:
        post.send(_message(taken, letterhead))
    except DeliveryFailed as failure:
        return _put_off(taken, str(failure)) if failure.again else _given_up(str(failure))
    except Exception as error:
        return _given_up(f"{type(error).__name__}: {error}"[:500])
    return {"state": NoticeState.SENT, "problem": None}


def _message(taken: Taken, letterhead: Letterhead) -> EmailMessage:
    if taken.notice.appointment_id is None:
        return messages.plan_message(
            taken.notice, taken.appointments, taken.clinic, letterhead, sent_at=taken.at
        )
    return messages.message(taken.notice, taken.appointments[0], taken.clinic, letterhead, sent_at=taken.at)


def _put_off(taken: Taken, reason: str) -> Outcome:
    """Try again later, each time after twice as long; after the last try, a person decides."""
    tries = taken.notice.attempts
    if tries >= TRIES:
        return _given_up(GIVEN_UP.format(tries=tries, reason=reason))
    pause = min(FIRST_WAIT_SECONDS * 2 ** (tries - 1), LONGEST_WAIT_SECONDS)
    spread = random.uniform(0, pause / 4)  # so that all that failed together do not come back together
    return {"due_at": taken.at + timedelta(seconds=pause + spread), "problem": reason}


def _given_up(reason: str) -> Outcome:
    return {"state": NoticeState.DEAD, "problem": reason}
