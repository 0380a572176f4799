"""The words of the letter of a whole plan: a table of its dates, how to answer each, and the patient's own page."""

from collections.abc import Iterator, Sequence
from functools import partial

from coordinator.language import say
from coordinator.models import NoticeKind
from coordinator.notices import wording
from coordinator.notices.letters import Letter, Line, Part
from coordinator.notices.telling import Told


def letter(visits: Sequence[Told]) -> Letter:
    """The letter that tells of these visits, by time; there is at least one."""
    first = visits[0]
    return wording.addressed(first, _subject(first), [wording.on_behalf(first), *_parts(visits)])


def _subject(first: Told) -> str:
    """Neutral at every level: it stands on locked screens."""
    _ = partial(say, first.language)
    match first.kind:
        case NoticeKind.UPDATE:
            return _("Your appointments have changed: from {when}", when=first.short)
        case NoticeKind.CANCELLATION:
            return _("Your appointments are cancelled: from {when}", when=first.short)
    return _("Your appointments: from {when}", when=first.short)


def _parts(visits: Sequence[Told]) -> Iterator[Part]:
    first = visits[0]
    _ = partial(say, first.language)
    if first.kind is NoticeKind.CANCELLATION:
        yield _table(_("None of these appointments will take place. Please do not come."), visits)
        yield Part(
            words=_(
                "If you did not expect this, or need another time, please call {phone}.", phone=first.phone
            )
        )
        return
    if first.kind is NoticeKind.UPDATE:
        words = _("Your appointments have changed. These hold now; what we wrote before no longer holds.")
    else:
        words = _("These are all your appointments to come.")
    yield _table(words, visits)
    yield Part(
        words=_(
            "Please answer each of them, so that we know that you can come. "
            "For each we also send a message of its own that your calendar can take in."
        )
    )
    yield _own_page(visits)


def _own_page(visits: Sequence[Told]) -> Part:
    first = visits[0]
    _ = partial(say, first.language)
    if any(each.advice.more for each in visits):
        words = _(
            "On your own page you can read how to prepare, and add all appointments to your calendar at once."
        )
    else:
        words = _("On your own page you can add all appointments to your calendar at once.")
    link = _("Open your own page; it asks for the date of birth")
    return Part(words=words, links=[(link, first.patient_url)])


def _table(words: str, visits: Sequence[Told]) -> Part:
    """A line for each visit; columns of which no line says anything are left out."""
    first = visits[0]
    _ = partial(say, first.language)
    columns = [_("When"), _("In your time zone"), _("What"), _("Where"), _("How to prepare")]
    cells = [
        [each.when, each.when_at_home, each.what, each.where, " ".join(each.advice.texts)] for each in visits
    ]
    gone = first.kind is NoticeKind.CANCELLATION
    shown = [n for n in range(4 if gone else 5) if any(line[n] for line in cells)]
    link = _("Answer here")
    return Part(
        words=words,
        columns=[columns[n] for n in shown],
        lines=[
            Line(cells=[line[n] for n in shown], link=None if gone else (link, each.answer_url))
            for line, each in zip(cells, visits, strict=True)
        ],
    )
