"""What can be refused, and why: sentences for people, with the facts as fields."""

from collections.abc import Sequence


class Refusal(Exception):
    """Something the clinic does not allow; the sentence says what to do instead.

    ``sentence`` is a template in English, the key of its translation; ``facts`` fill it.
    """

    status = 422

    def __init__(self, sentence: str, **facts: object) -> None:
        self.sentence = sentence
        self.facts = facts
        super().__init__(sentence)

    def __str__(self) -> str:
        return self.sentence.format(**self.facts) if self.facts else self.sentence


class NotFound(Refusal):
    """No such thing, or not for this person: the two are never told apart."""

    status = 404


class NotAllowed(Refusal):
    """This account may not do that."""

    status = 403


class Conflict(Refusal):
    """The calendar or the page has moved on since it was read; nothing was changed."""

    status = 409


class NoSuchTime(Refusal):
    """A wall time that the clock skips or shows twice: a person has to choose."""


class UnknownZone(Refusal):
    """A time zone name that is not in the IANA database."""


class FileProblem(Refusal):
    """One thing wrong in a file that was to be read."""

    def __init__(self, text: str, *, file: str = "", line: int | None = None, field: str = "") -> None:
        self.file, self.line, self.field, self.text = file, line, field, text
        super().__init__(text)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        return ": ".join(part for part in (place, self.field, self.text) if part)


class FileProblems(Refusal):
    """All that is wrong in one file; nothing of it was taken."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in problems))

    def __str__(self) -> str:
        return self.sentence


class UnusableDatabase(Exception):
    """A database that the program must not run on."""


class GuardMissing(UnusableDatabase):
    """It does not refuse overlapping claims."""


class NewerDatabase(UnusableDatabase):
    """A newer version of the program has migrated it."""


class DeliveryFailed(Exception):
    """A message did not leave. ``again`` says whether a second try can help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        self.again = again
        super().__init__(reason)
