"""The audit trail in words: who did what, and of what kind it was."""

from collections.abc import Mapping

from flask import Blueprint
from flask_babel import gettext, lazy_gettext

DEEDS = {
    "add": lazy_gettext("added"),
    "add-study": lazy_gettext("added a study"),
    "added-calendar": lazy_gettext("added an own calendar"),
    "answered": lazy_gettext("answered"),
    "approve": lazy_gettext("noted the approval"),
    "book": lazy_gettext("booked the plan"),
    "cancel": lazy_gettext("cancelled"),
    "change": lazy_gettext("changed"),
    "create": lazy_gettext("created"),
    "done": lazy_gettext("told by hand"),
    "draft": lazy_gettext("drafted"),
    "dropped": lazy_gettext("decided not to send"),
    "give-away": lazy_gettext("let others have the freed time"),
    "hold": lazy_gettext("held times"),
    "import": lazy_gettext("imported"),
    "leave-out": lazy_gettext("left out a step"),
    "let-go": lazy_gettext("let held times go"),
    "look": lazy_gettext("looked at"),
    "make": lazy_gettext("made"),
    "move": lazy_gettext("moved"),
    "open": lazy_gettext("opened the record"),
    "opened-feed": lazy_gettext("made a calendar address"),
    "patient-page-opened": lazy_gettext("opened the patient’s own page"),
    "patient-page-refused": lazy_gettext("gave a wrong birth date"),
    "declined": lazy_gettext("kept the time that was asked to change"),
    "prefer": lazy_gettext("noted a wish for a person"),
    "read-calendar": lazy_gettext("had an own calendar read"),
    "received": lazy_gettext("came by mail"),
    "removed-calendar": lazy_gettext("removed an own calendar"),
    "renew-link": lazy_gettext("made a new link"),
    "replan": lazy_gettext("booked new times for the rest"),
    "retried": lazy_gettext("sent again"),
    "revoked-feed": lazy_gettext("ended a calendar address"),
    "search": lazy_gettext("looked for times"),
    "shift": lazy_gettext("shifted the whole plan"),
    "settled": lazy_gettext("settled"),
    "sign-in": lazy_gettext("signed in"),
    "sign-in-failed": lazy_gettext("failed to sign in"),
    "sign-out": lazy_gettext("signed out"),
    "stand-in": lazy_gettext("noted a standing order"),
    "swap": lazy_gettext("swapped two times"),
    "take-in": lazy_gettext("took a step in again"),
    "undo": lazy_gettext("undid"),
}
"""What services write down, by the key they write."""

SUBJECTS = {
    "account": lazy_gettext("account"),
    "answer": lazy_gettext("answer"),
    "appointment": lazy_gettext("appointment"),
    "board": lazy_gettext("board of a location"),
    "demo": lazy_gettext("demo"),
    "files": lazy_gettext("files"),
    "location": lazy_gettext("location"),
    "mail": lazy_gettext("mail"),
    "messages": lazy_gettext("list of messages"),
    "notice": lazy_gettext("message"),
    "patient": lazy_gettext("patient"),
    "patient-calendar": lazy_gettext("calendar of a patient"),
    "plan": lazy_gettext("plan"),
    "practitioner": lazy_gettext("practitioner"),
    "resource": lazy_gettext("person, room or device"),
    "practitioner-day": lazy_gettext("day of a practitioner"),
    "practitioner-week": lazy_gettext("week of a practitioner"),
}

ACTORS = {
    "command": lazy_gettext("a command"),
    "mail": lazy_gettext("a mail"),
    "patient-link": lazy_gettext("a patient, by the link"),
    "worker": lazy_gettext("the program itself"),
}


def register(blueprint: Blueprint) -> None:
    """Give the filters to all templates."""
    for filter_ in (deed, subject, actor, facts):
        blueprint.add_app_template_filter(filter_)


def deed(key: str) -> str:
    """What was done."""
    return str(DEEDS.get(key, key))


def subject(key: str) -> str:
    """What it was done to."""
    return str(SUBJECTS.get(key, key))


def actor(key: str) -> str:
    """Who did it, where it was no account."""
    return str(ACTORS.get(key, key))


def facts(given: Mapping[str, object]) -> str:
    """What else was written down: ``reply: no, door: link``."""
    said = {True: gettext("yes"), False: gettext("no")}
    parts = (
        f"{name.replace('_', ' ')}: {said[value] if isinstance(value, bool) else value}"
        for name, value in given.items()
    )
    return ", ".join(parts)
