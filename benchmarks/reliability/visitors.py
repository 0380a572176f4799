"""Coordinators at their browsers: a connection, a cookie, forms as the pages show them. Standard library only."""

import html
import re
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PATIENCE_SECONDS = 120.0
LOST = 0
"""The status of a request that got no answer."""
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')
LEAD = re.compile(r'<p class="lead">(.*?)</p>', re.S)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how long."""

    status: int
    page: str
    seconds: float
    leads_to: str = ""

    @property
    def said(self) -> str:
        """The sentence of a page that refuses."""
        found = LEAD.search(self.page)
        return html.unescape(found[1].strip()) if found else ""


@dataclass
class Visitor:
    """Somebody with a browser."""

    port: int
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    connection: HTTPConnection | None = None

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, and keep the token that all forms of the session take."""
        self.token = self._token("/sign-in")
        answer = self.post("/sign-in", email=email, password=password, next="/patients")
        if answer.status != 302:
            raise RuntimeError(f"{email} could not sign in: {answer.status}")
        self.token = self._token("/patients")

    def _token(self, path: str) -> str:
        found = TOKEN.search(self.get(path).page)
        if not found:
            raise RuntimeError(f"{path} has no form")
        return found[1]

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, /, **form: object) -> Answer:
        """Send a form, with the session's token."""
        return self._ask("POST", path, urlencode({"csrf_token": self.token, **form}))

    def post_and_hang_up(self, path: str, /, **form: object) -> None:
        """Send a form, and be gone before the answer comes."""
        self._send("POST", path, urlencode({"csrf_token": self.token, **form}))
        self.hang_up()

    def twin(self) -> "Visitor":
        """The same session in another window."""
        return Visitor(self.port, self.token, dict(self.cookies))

    def form(self, page: str, action: str) -> dict[str, str]:
        """What the first form of a page to an address sends along, without the token. Raises ValueError."""
        begin = page.index(f'action="{action}"')
        sent = HIDDEN.findall(page[begin : page.index("</form>", begin)])
        return {name: html.unescape(value) for name, value in sent if name != "csrf_token"}

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        begun = time.perf_counter()
        try:
            status, page, leads_to = self._exchange(method, path, body)
        except (OSError, HTTPException):
            self.hang_up()
            status, page, leads_to = LOST, "", ""
        return Answer(status, page, time.perf_counter() - begun, leads_to)

    def _exchange(self, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        self._send(method, path, body)
        assert self.connection is not None
        answer = self.connection.getresponse()
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: each.value for name, each in SimpleCookie(line).items()})
        if answer.will_close:
            self.hang_up()
        return answer.status, page, answer.headers.get("Location", "")

    def _send(self, method: str, path: str, body: str | None) -> None:
        if self.connection is None:
            self.connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
