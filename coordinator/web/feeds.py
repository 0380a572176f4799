"""Calendars by addresses that only those know who were told; making such an address and ending it."""

from flask import Blueprint, Response, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from coordinator.services import feeds as service
from coordinator.services.feeds import Subject
from coordinator.web import limits
from coordinator.web.permissions import by, coordinators_only

feeds = Blueprint("feeds", __name__)
NEW_FEED = "new_feed"
"""Where a new address waits to be shown once: only its hash is kept."""
PAGES = {"resource": "setup.rooms", "location": "setup.locations"}


def _wrong(response: Response) -> bool:
    return response.status_code >= 400


@feeds.get("/feeds/<token>.ics")
@limits.limiter.limit(limits.TRIES_BY_ADDRESS, deduct_when=_wrong)
def show(token: str) -> Response:
    """The calendar; 304 for who has it already. Kept by no cache on the way."""
    written, etag = service.calendar(g.session, token, base_url=current_app.config["BASE_URL"], now=g.now)
    response = Response(written, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = "inline; filename=appointments.ics"
    response.set_etag(etag)
    response.make_conditional(request)
    return response


@feeds.post("/setup/resources/<int:number>/feed", defaults={"kind": "resource"})
@feeds.post("/setup/locations/<int:number>/feed", defaults={"kind": "location"})
@coordinators_only
def open_feed(kind: str, number: int) -> Redirect:
    """Make an address of a room, a device or a location; it is shown once, on the next page."""
    make(Subject(kind, number))
    return redirect(url_for(PAGES[kind], _anchor=f"feed-{number}"), 303)


@feeds.post("/setup/resources/<int:number>/feed/end", defaults={"kind": "resource"})
@feeds.post("/setup/locations/<int:number>/feed/end", defaults={"kind": "location"})
@coordinators_only
def end_feed(kind: str, number: int) -> Redirect:
    end(Subject(kind, number))
    return redirect(url_for(PAGES[kind], _anchor=f"feed-{number}"), 303)


def make(subject: Subject) -> None:
    """Make a new address; the next page shows it."""
    token = service.open_feed(g.session, subject, by=by(), now=g.now)
    session[NEW_FEED] = [subject.kind, subject.id, token]


def end(subject: Subject) -> None:
    """End an address."""
    service.revoke(g.session, subject, by=by(), now=g.now)


def new_token(subject: Subject) -> str | None:
    """The token of an address that was just made, once."""
    return new_tokens(subject.kind).get(subject.id)


def new_tokens(kind: str) -> dict[int, str]:
    """The same for a page that shows many."""
    made, number, token = session.pop(NEW_FEED, (None, 0, ""))
    return {number: token} if made == kind else {}
