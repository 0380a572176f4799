"""The words of each kind of letter."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from coordinator.language import say
from coordinator.models import NoticeKind
from coordinator.notices.letters import Letter, Part
from coordinator.notices.telling import Told


def letter(told: Told) -> Letter:
    """The letter for one notice, with all that may be told and nothing else."""
    return addressed(told, _subject(told), _parts(told))


def addressed(told: Told, subject: str, parts: Iterable[Part]) -> Letter:
    """A letter to whom a notice is for, in their language and signed by the clinic; empty parts are left out."""
    _ = partial(say, told.language)
    return Letter(
        language=told.language,
        subject=subject,
        greeting=_("Hello {name},", name=told.name) if told.name else _("Hello,"),
        parts=[part for part in parts if part.text()],
        closing=[line for line in (told.clinic, told.phone, told.website) if line],
    )


def _subject(told: Told) -> str:
    """Neutral at every level: it stands on locked screens."""
    _ = partial(say, told.language)
    match told.kind:
        case NoticeKind.INVITE:
            return _("Appointment: {when}", when=told.short)
        case NoticeKind.UPDATE:
            return _("Appointment moved: {when}", when=told.short)
        case NoticeKind.CANCELLATION:
            return _("Appointment cancelled: {when}", when=told.short)
        case NoticeKind.DECLINED:
            return _("Your appointment stays: {when}", when=told.short)
        case NoticeKind.REMINDER:
            return _("Reminder of your appointment: {when}", when=told.short)
    return _("Before your appointment: {when}", when=told.short)


def _parts(told: Told) -> Iterator[Part]:
    yield on_behalf(told)
    yield from BODIES[told.kind](told)


def on_behalf(told: Told) -> Part:
    """Why somebody else is written to."""
    _ = partial(say, told.language)
    if not told.about:
        return Part()
    return Part(words=_("We write to you about {patient}, who named you to us.", patient=told.about))


def _invite(told: Told) -> Iterator[Part]:
    _ = partial(say, told.language)
    yield Part(words=_("You have an appointment."), facts=_facts(told))
    yield _how_to_prepare(told)
    yield _answer(told)
    yield Part(words=_how_to_add(told))


def _update(told: Told) -> Iterator[Part]:
    _ = partial(say, told.language)
    yield Part(
        words=_("Your appointment has a new time or place. What we wrote before no longer holds."),
        facts=_facts(told),
    )
    yield _how_to_prepare(told)
    yield _answer(told)
    yield Part(words=_how_to_add(told))


def _cancellation(told: Told) -> Iterator[Part]:
    _ = partial(say, told.language)
    yield Part(
        words=_("This appointment will not take place. Please do not come."),
        facts=[(_("When"), told.when), (_("Where"), told.where)],
    )
    yield Part(
        words=_("If you did not expect this, or need another time, please call {phone}.", phone=told.phone)
    )


def _declined(told: Told) -> Iterator[Part]:
    _ = partial(say, told.language)
    yield Part(
        words=_("You proposed another time. We cannot offer it, so your appointment stays as it was."),
        facts=_facts(told),
    )
    yield Part(words=_("If this time is not possible for you, please call {phone}.", phone=told.phone))
    yield _answer(told)


def _reminder(told: Told) -> Iterator[Part]:
    _ = partial(say, told.language)
    yield Part(words=_("We expect you at this appointment."), facts=_facts(told))
    yield _how_to_prepare(told)
    yield _answer(told)


def _preparation(told: Told) -> Iterator[Part]:
    _ = partial(say, told.language)
    yield Part(words=_("There is something to prepare before this appointment."), facts=_facts(told))
    yield _how_to_prepare(told)
    yield _answer(told)


BODIES: dict[NoticeKind, Callable[[Told], Iterator[Part]]] = {
    NoticeKind.INVITE: _invite,
    NoticeKind.UPDATE: _update,
    NoticeKind.CANCELLATION: _cancellation,
    NoticeKind.DECLINED: _declined,
    NoticeKind.REMINDER: _reminder,
    NoticeKind.PREPARATION: _preparation,
}


def _facts(told: Told) -> list[tuple[str, str]]:
    _ = partial(say, told.language)
    facts = [
        (_("When"), told.when),
        (_("In your time zone"), told.when_at_home),
        (_("What"), told.what),
        (_("Where"), told.where),
        (_("How to get there"), told.directions),
        (_("Phone"), told.phone),
    ]
    return [(label, value) for label, value in facts if value]


def _how_to_prepare(told: Told) -> Part:
    _ = partial(say, told.language)
    if not told.advice.texts and not told.advice.more:
        return Part()
    more = _("Read here how to prepare; the page asks for the date of birth")
    return Part(
        heading=_("How to prepare"),
        items=told.advice.texts,
        links=[(more, told.patient_url)] if told.advice.more else [],
    )


def _answer(told: Told) -> Part:
    _ = partial(say, told.language)
    words = _("Can you come? Tell us with one press. If you cannot come, please tell us as early as you can.")
    return Part(words=words, links=[(_("Answer here"), told.answer_url)])


def _how_to_add(told: Told) -> str:
    """Calendars add an invite by themselves only where they know the sender."""
    _ = partial(say, told.language)
    return _(
        "To put it into your calendar, press Yes, Accept or Add in this message. If your mail program shows "
        "no such button, open the attached file invite.ics."
    )
