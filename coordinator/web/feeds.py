"""Calendars of practitioners, by the address that only they know."""

from flask import Blueprint, Response, current_app, g, request

from coordinator.services import feeds as service
from coordinator.web import limits

feeds = Blueprint("feeds", __name__)


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
