"""The commands: what they do, their exit status, and one line for whatever goes wrong."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import create_engine, select

from config import Settings
from coordinator.app import create_app
from coordinator.cli import booking as booking_command
from coordinator.cli import greeting, serving
from coordinator.errors import Conflict
from coordinator.models import Account, Appointment, Claim, Clinic, Patient, PlanState, TreatmentPlan
from coordinator.scheduling import problem_file, rules
from coordinator.scheduling.answer import from_json
from coordinator.services import readiness
from tests.services.a_clinic import CLINIC, NOW, PATHWAY, PATIENTS

ROOT = Path(__file__).resolve().parent.parent
VERIFY = ROOT.parent / "shared" / "bench" / "verify.py"


class Terminal:
    """Somebody at a terminal, with a folder for the database and the small clinic's files in another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder.parent / "files"
        self.files.mkdir()
        for name, text in (("clinic", CLINIC), ("short", PATHWAY), ("patients", PATIENTS)):
            (self.files / f"{name}.yaml").write_text(text, encoding="utf-8")
        self.settings = {"COORDINATOR_DATA": str(folder), "COORDINATOR_SOLVER_SECONDS": "10"}
        self.app = create_app(Settings.from_environment(self.settings))

    def __call__(self, *words, status=0, **options):
        """What a command prints; on standard error where it is to fail."""
        done = self.app.test_cli_runner().invoke(args=[str(word) for word in words], **options)
        assert done.exit_code == status, done.output
        assert (done.stderr == "") == (status == 0)
        assert "Traceback" not in done.output
        return done.stderr if status else done.stdout

    def refused(self, *words, status=2):
        """The one line with which a command fails."""
        said = self(*words, status=status)
        assert said.count("\n") == 1
        return said.strip()

    def session(self):
        return self.app.extensions["sessions"]()

    def booked(self, *more):
        """A booked plan as JSON."""
        words = ("--patient", "p-2", "--pathway", "short", "--approved-by", "dr-vale", "--json")
        return json.loads(self("book", *words, *more))


@pytest.fixture
def bare(tmp_path):
    terminal = Terminal(tmp_path / "database")
    with time_machine.travel(NOW):
        yield terminal
    terminal.app.extensions["engine"].dispose()


@pytest.fixture
def terminal(bare):
    bare("import", bare.files)
    return bare


def the_answer(terminal, plan):
    return json.loads(terminal("problem", "--plan", plan)), json.loads(terminal("answer", "--plan", plan))


def judge(problem, answer, folder):
    """Hold an answer against the core's rules and, where it is there, the judge from outside."""
    asked, found = problem_file.from_json(problem), from_json(answer)
    assert not list(rules.violations(asked, found.plans[0].proposal))
    if not VERIFY.exists():
        assert not os.environ.get("COORDINATOR_DEMAND_ALL")
        return
    paths = [folder / "problem.json", folder / "answer.json"]
    for path, value in zip(paths, (problem, answer), strict=True):
        path.write_text(json.dumps(value))
    done = subprocess.run([sys.executable, VERIFY, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_import_says_what_it_took(bare):
    assert "1 locations, 2 practitioners" in bare("import", bare.files, "--dry-run")
    assert "2 patients" in bare("import", *sorted(bare.files.glob("*.yaml")))


def test_import_names_file_line_and_field(bare):
    path = bare.files / "clinic.yaml"
    path.write_text(CLINIC.replace("country: US\n", "country: usa\n"))
    assert f"{path}:6: country: must be a country" in bare.refused("import", path)


def test_import_of_what_is_not_there(bare, tmp_path):
    assert "nowhere.yaml: cannot be opened" in bare.refused("import", "nowhere.yaml")
    (tmp_path / "empty").mkdir()
    assert "no file to import" in bare.refused("import", tmp_path / "empty")


def test_patients_out_of_fhir(terminal):
    path = terminal.files / "bundle.json"
    one = {
        "resourceType": "Patient",
        "id": "f-1",
        "name": [{"family": "Park", "given": ["Joon"]}],
        "birthDate": "1970-02-03",
        "telecom": [{"system": "phone", "value": "+1 510 555 0190"}],
    }
    entries = [{"resource": one}, {"resource": {"resourceType": "Condition"}}]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    assert terminal("import", path) == "Imported: 1 patients.\nLeft out: 1 Condition.\n"
    with terminal.session() as session:
        assert session.scalar(select(Patient.name).where(Patient.key == "f-1")) == "Joon Park"
    path.write_text(json.dumps({"resourceType": "Condition"}))
    assert "bundle.json: holds no patient" in terminal.refused("import", path)


def test_export_and_import_elsewhere(terminal, tmp_path):
    terminal("export", tmp_path / "out")
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.yaml"))
    assert names == ["clinic.yaml", "pathways/short.yaml", "patients.yaml"]
    (tmp_path / "other").mkdir()
    other = Terminal(tmp_path / "other" / "database")
    other("import", tmp_path / "out")
    other("export", tmp_path / "again")
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    other.app.extensions["engine"].dispose()


def test_export_where_nothing_can_be_written(terminal, tmp_path):
    (tmp_path / "file").write_text("")
    assert "Cannot write" in terminal.refused("export", tmp_path / "file" / "x")


def test_a_plan_is_booked_whole_and_can_be_judged(terminal, tmp_path):
    made = terminal.booked()
    assert made["location"] == "north"
    assert [each["step"] for each in made["appointments"]] == ["first", "class-1", "class-2"]
    assert [len(phase) for phase in made["appointments"][0]["uses"]] == [2, 2]
    assert all(each["id"] for each in made["appointments"])
    with terminal.session() as session:
        assert session.get_one(TreatmentPlan, made["plan"]).state == PlanState.BOOKED
        assert len(session.scalars(select(Appointment)).all()) == 3
    problem, answer = the_answer(terminal, made["plan"])
    assert answer["plans"][0]["cost"] == made["cost"]
    placed = answer["plans"][0]["steps"]
    assert {each["step"]: each["uses"] for each in made["appointments"]} == {
        key: step["uses"] for key, step in placed.items()
    }
    known = {each["id"] for each in problem["resources"]}
    assert {name for each in made["appointments"] for phase in each["uses"] for name in phase} <= known
    judge(problem, answer, tmp_path)


def test_patients_and_pathways_have_numbers_too(terminal):
    words = ("book", "--patient", 1, "--pathway", 1, "--location", 1, "--approved-by", "dr-vale")
    assert "There is no patient 1." in terminal.refused(*words)
    with terminal.session() as session:
        number = session.scalar(select(Appointment.patient_id).limit(1))
    assert number is None
    terminal("book", "--patient", "p-2", *words[3:])


def test_the_itinerary_in_words_goes_by_the_location_s_clocks(terminal):
    said = terminal("book", "--patient", "p-2", "--pathway", "short", "--approved-by", "dr-vale")
    assert said.startswith("Plan 1 is booked: 3 appointments at north")
    assert "Mon" in said
    assert "Consultation (first)" in said


def test_a_dry_run_books_nothing(terminal):
    made = terminal.booked("--dry-run")
    assert made["plan"] is None
    assert len(made["appointments"]) == 3
    assert all(len(phase) for stop in made["appointments"] for phase in stop["uses"])
    with terminal.session() as session:
        assert session.scalars(select(Claim)).all() == []
        assert session.scalars(select(TreatmentPlan.state)).all() == [PlanState.CANCELLED]


def test_what_cannot_be_booked_says_why(terminal):
    path = terminal.files / "short.yaml"
    path.write_text(PATHWAY.replace("days: [1, 60]", "days: [3, 4]"))
    terminal("import", path)
    words = ("--patient", "p-2", "--pathway", "short", "--approved-by", "dr-vale")
    assert terminal.refused("book", *words, status=3).startswith("This plan cannot be booked: ")
    with terminal.session() as session:
        assert session.scalars(select(TreatmentPlan.state)).all() == [PlanState.CANCELLED]


def test_where_others_are_quicker_every_time_it_gives_up(terminal, monkeypatch):
    tries = []

    def lost(*_, **__):
        tries.append(1)
        raise Conflict("Exam 1 was booked meanwhile.")

    monkeypatch.setattr(booking_command.booking, "book", lost)
    words = ("--patient", "p-2", "--pathway", "short", "--approved-by", "dr-vale")
    said = terminal.refused("book", *words, status=4)
    assert said == "Others were quicker 5 times. The last time: Exam 1 was booked meanwhile."
    assert len(tries) == 5


def test_a_command_searches_longer_than_a_page_may(terminal, monkeypatch):
    given, find = [], booking_command.finding.find

    def noted(*words, **options):
        given.append(options["seconds"])
        return find(*words, **options)

    monkeypatch.setattr(booking_command.finding, "find", noted)
    terminal.booked("--dry-run")
    terminal.app.config["SOLVER_SECONDS"] = 40
    terminal.booked("--dry-run")
    assert given == [30, 40]


def test_a_standing_approver(terminal):
    words = ("book", "--patient", "p-2", "--pathway", "short")
    assert "Name a physician with --approved-by" in terminal.refused(*words)
    assert "Only a physician" in terminal.refused("approver", "nurse-brook")
    assert "Ana Vale approves" in terminal("approver", "dr-vale")
    terminal(*words)


def test_moved_and_cancelled_appointments_are_judged_too(terminal, tmp_path):
    made = terminal.booked("--from", "2027-01-04")
    first, last = made["appointments"][0]["id"], made["appointments"][-1]["id"]
    day = made["appointments"][0]["start"][:10]
    assert "at 09:30." in terminal("move", first, "--to", f"{day} 09:30")
    judge(*the_answer(terminal, made["plan"]), tmp_path)
    assert terminal("cancel", last, "--why", "ill") == f"Appointment {last} is cancelled.\n"
    problem, answer = the_answer(terminal, made["plan"])
    assert set(answer["plans"][0]["steps"]) == {"first", "class-1"}
    judge(problem, answer, tmp_path)
    assert "cancelled already" in terminal.refused("cancel", last)
    assert "The cancellation of" in terminal("undo", made["plan"])
    assert len(the_answer(terminal, made["plan"])[1]["plans"][0]["steps"]) == 3
    terminal("cancel", "--plan", made["plan"])
    assert "Nothing of plan 1 is booked." in terminal.refused("answer", "--plan", made["plan"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("book", "--patient", "p-2"), "Missing option '--pathway'."),
        (
            ("book", "--patient", "x", "--pathway", "short", "--approved-by", "dr-vale"),
            "There is no patient x.",
        ),
        (
            ("book", "--patient", "p-2", "--pathway", "x", "--approved-by", "dr-vale"),
            "There is no pathway x.",
        ),
        (
            ("book", "--patient", "p-2", "--pathway", "short", "--location", "x", "--approved-by", "dr-vale"),
            "There is no location x.",
        ),
        (("book", "--patient", "p-2", "--pathway", "short", "--from", "soon"), "soon is not a date"),
        (
            (
                "book",
                "--patient",
                "p-2",
                "--pathway",
                "short",
                "--from",
                "9999-12-31",
                "--approved-by",
                "dr-vale",
            ),
            "more than 5 years ahead",
        ),
        (
            ("book", "--patient", "p-2", "--pathway", "short", "--approved-by", "x"),
            "There is no practitioner x.",
        ),
        (("cancel",), "Name one appointment, or a plan with --plan."),
        (("cancel", "one"), "'one' is not a valid integer"),
        (("cancel", "99999999999999999999"), "is not in the range"),
        (("move", "7", "--to", "2026-12-03 10:00"), "There is no such appointment."),
        (("problem", "--plan", "7"), "There is no such plan."),
        (("cancel", "1", "--data", "elsewhere"), "Set COORDINATOR_DATA instead"),
        (("frobnicate",), "There is no command frobnicate."),
        (("check", "--frob"), "No such option"),
        (("account", "frobnicate"), "No such command 'frobnicate'."),
        (("account", "--frob", "create"), "No such option"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(terminal, words, said):
    assert said in terminal.refused(*words)


def test_a_time_that_is_none(terminal):
    made = terminal.booked()
    number = made["appointments"][0]["id"]
    assert "is not a date and time" in terminal.refused("move", number, "--to", "tomorrow")
    assert "is not a date and time" in terminal.refused("move", number, "--to", "2026-12-03T10:00Z")


def test_the_unforeseen_is_kept_for_those_who_mend_it(terminal, monkeypatch):
    def broken(*_, **__):
        raise KeyError("secret")

    monkeypatch.setattr(booking_command.booking, "book", broken)
    words = ("--patient", "p-2", "--pathway", "short", "--approved-by", "dr-vale")
    said = terminal.refused("book", *words, status=1)
    assert said.startswith("Something went wrong that was not foreseen: KeyError. Details: ")
    assert "Traceback" in (terminal.folder / "coordinator.log").read_text()
    with terminal.session() as session:
        assert session.scalars(select(TreatmentPlan.state)).all() == [PlanState.CANCELLED]


def test_without_a_database_it_says_so(bare):
    assert "migration" in bare.refused("check")
    bare("upgrade")
    assert bare("check").endswith("All is there.\n")


def test_accounts(terminal):
    words = ("account", "create", "--email", "ann@example.org", "--name", "Ann", "--role", "coordinator")
    assert "at least 10" in terminal.refused(*words, "--password", "short")
    assert "can sign in as coordinator" in terminal(*words, "--password", "long enough 1")
    assert "an account for ann@example.org already" in terminal.refused(*words, "--password", "long enough 1")
    other = ("--email", "b@example.org", "--name", "Ben", "--password", "long enough 1")
    assert "There is no practitioner" in terminal.refused(
        "account", "create", *other, "--role", "practitioner"
    )
    terminal("account", "create", *other, "--role", "practitioner", "--practitioner", "nurse-brook")
    with terminal.session() as session:
        assert session.scalars(select(Account.practitioner_id)).all()[1] is not None


@pytest.mark.parametrize(
    "name",
    [
        "serve",
        "worker",
        "import",
        "export",
        "book",
        "cancel",
        "move",
        "undo",
        "problem",
        "answer",
        "upgrade",
        "check",
        "backup",
        "restore",
    ],
)
def test_every_command_explains_itself(bare, name):
    said = bare(name, "--help")
    assert "--data DIR" in said
    assert "\n\n  " in said


def start(folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "flask", "--app", str(ROOT / "wsgi.py"), *words]
    environment = os.environ | {"COORDINATOR_DATA": str(folder), "PYTHONUNBUFFERED": "1"} | more
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def mark(terminal, demo):
    with terminal.session() as session:
        session.scalars(select(Clinic)).one().facts = {"demo": demo}
        session.commit()


def test_mail_goes_to_the_local_inbox_for_a_demo_only(terminal, tmp_path):
    settings = terminal.app.extensions["settings"]
    with terminal.app.app_context():
        with serving._post(settings, tmp_path / "inbox") as post:
            assert post is None
        mark(terminal, demo=True)
        with serving._post(settings, tmp_path / "inbox") as post:
            assert post.host == "127.0.0.1"
        with serving._post(replace(settings, smtp_host="mail.example"), tmp_path / "inbox") as post:
            assert post.host == "mail.example"


def test_what_is_a_demo_is_kept_with_the_clinic(terminal):
    kept = {"accounts": [], "url": "http://127.0.0.1:1"}
    (terminal.folder / "demo.json").write_text(json.dumps(kept))
    terminal.app.config["DEMO"] = True
    with terminal.app.app_context():
        assert greeting.have_demo("http://127.0.0.1:2", loopback=True) is None
        mark(terminal, demo=True)
        terminal.app.config["DEMO"] = False
        assert greeting.have_demo("http://127.0.0.1:2", loopback=True) == kept
    terminal("import", terminal.files / "clinic.yaml")
    with terminal.app.app_context():
        assert not greeting.is_demo()


def test_a_half_made_demo_is_not_served(terminal):
    mark(terminal, demo=False)
    assert "only half made" in terminal.refused("serve", "--port", 0)


def test_an_unknown_command_of_the_whole_program(tmp_path):
    asked = start(tmp_path, "frobnicate")
    said, errors = asked.communicate(timeout=60)
    assert (asked.returncode, said) == (2, "")
    assert errors == "There is no command frobnicate. All commands: --help\n"


def said_of_sqlite() -> str:
    """What every start says on standard error where this Python has an old SQLite."""
    warning = readiness.warning(create_engine("sqlite://"))
    return "" if warning is None else f"{warning}\n"


def test_serving(tmp_path):
    server = start(tmp_path, "serve", "--port", "0")
    try:
        said = server.stdout.readline()
        assert said.startswith("Coordinator is at http://127.0.0.1:")
        assert "account create" in server.stdout.readline()
        assert server.stdout.readline().startswith("No mail leaves, all of it waits")
        url = said.split()[-1]
        with urllib.request.urlopen(f"{url}/readyz", timeout=30) as answer:
            assert answer.status == 200
        taken = start(tmp_path, "serve", "--port", url.rpartition(":")[2])
        assert taken.wait(60) == 2
        assert "Cannot listen on 127.0.0.1" in taken.communicate()[1]
    finally:
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert errors == said_of_sqlite()


def test_a_worker_of_its_own(terminal):
    worker = start(terminal.folder, "worker")
    try:
        assert worker.stdout.readline() == "The worker runs.\n"
        assert worker.stdout.readline().startswith("No mail leaves, all of it waits")
    finally:
        worker.send_signal(signal.SIGTERM)
        _, errors = worker.communicate(timeout=60)
    assert (worker.returncode, errors) == (0, said_of_sqlite())
