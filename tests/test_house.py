"""The rules of the house that no linter knows: where things may stand, and what may not stand anywhere."""

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "coordinator"
STATIC = PACKAGE / "web/static"
VENDOR = STATIC / "vendor"
TEMPLATES = ROOT / "templates"
CATALOGS = PACKAGE / "translations"

MAY_READ_THE_CLOCK = {"coordinator/times.py", "coordinator/database.py"}
MAY_KNOW_ZONES = {"coordinator/times.py"}
MAY_MAKE_MARKUP: set[str] = set()
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "manager", "data", "info"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("datetime", "today"),
    ("time", "time"),
}

INLINE = re.compile(
    r"""<style|<script(?![^>]*\ssrc=)|\sstyle\s*=|\son[a-z]+\s*=\s*["']|\shx-on|javascript:|["']js:""", re.I
)
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+false", re.I)
OUTSIDE = re.compile(
    r"""(?:\b(?:src|href|action|srcset|hx-[a-z]+)\s*=\s*["']?|\burl\(\s*["']?|@import\s+["']|\bfetch\(\s*["'`])\s*"""
    r"""(?:https?:|wss?:)?//""",
    re.I,
)
MACHINE = re.compile(r"/(?:work|root|Users)/\w")
TEXT = {
    ".py",
    ".md",
    ".html",
    ".css",
    ".js",
    ".toml",
    ".txt",
    ".in",
    ".yaml",
    ".yml",
    ".po",
    ".json",
    ".ini",
    "",
}
NOT_OURS = {"data", "vendor", "build", "dist"}
DOT_FOLDERS = {".ci", ".github"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> list[Path]:
    return [
        *sorted(PACKAGE.rglob("*.py")),
        *sorted((ROOT / "migrations").rglob("*.py")),
        *sorted(ROOT.glob("*.py")),
    ]


def trees() -> Iterator[tuple[str, ast.Module]]:
    return ((name(path), ast.parse(path.read_text(encoding="utf-8"))) for path in modules())


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str]]:
    """Each call with the last two words of what is called: ``datetime.now`` gives ("datetime", "now")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            *before, last = ast.unparse(node.func).rsplit(".", 1)
            yield node, before[0].rsplit(".", 1)[-1] if before else "", last


def places(wrong: Callable[[ast.Call, str, str], bool], allowed: Iterable[str] = ()) -> list[str]:
    return [
        f"{file}:{node.lineno}"
        for file, tree in trees()
        if file not in set(allowed)
        for node, owner, last in calls(tree)
        if wrong(node, owner, last)
    ]


def lines_with(pattern: re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    return [
        f"{name(path)}:{number}: {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def pages() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def own_static() -> list[Path]:
    ours = (path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"})
    return sorted(path for path in ours if VENDOR not in path.parents)


def our_texts() -> list[Path]:
    def ours(folder: str) -> bool:
        return folder in DOT_FOLDERS or not (folder.startswith(".") or folder in NOT_OURS)

    tops = [path for path in ROOT.iterdir() if path.is_file() or ours(path.name)]
    found = (
        path for top in tops for path in [top, *top.rglob("*")] if path.suffix in TEXT and path.is_file()
    )
    return sorted(path for path in found if all(map(ours, path.relative_to(ROOT).parts[:-1])))


def test_no_module_is_longer_than_300_lines():
    files = [path for path in [*modules(), ROOT / "run"] if "versions" not in path.parts]
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {file: length for file, length in lengths.items() if length > 300} == {}


def test_every_module_says_what_it_is_for():
    silent = [file for file, tree in trees() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing():
    assert [name(path) for path in modules() if NAMES_THAT_SAY_NOTHING & set(path.stem.split("_"))] == []


def test_the_package_loads_nothing_by_itself():
    assert (PACKAGE / "__init__.py").read_text() == ""


def test_only_times_knows_zones():
    def imports_zones(node: ast.AST) -> bool:
        if isinstance(node, ast.Import):
            return any(alias.name.split(".")[0] in {"zoneinfo", "pytz", "tzlocal"} for alias in node.names)
        return isinstance(node, ast.ImportFrom) and (node.module or "") in {"zoneinfo", "pytz", "dateutil.tz"}

    found = {file for file, tree in trees() if any(map(imports_zones, ast.walk(tree)))}
    assert found <= MAY_KNOW_ZONES


def test_only_a_door_is_told_the_time():
    assert places(lambda _, owner, last: (owner, last) in CLOCKS, MAY_READ_THE_CLOCK) == []


def test_only_services_commit():
    found = places(lambda _, owner, last: last == "commit" and bool(owner))
    assert [place for place in found if not place.startswith("coordinator/services/")] == []


def test_markup_is_made_nowhere():
    assert places(lambda _, __, last: last == "Markup", MAY_MAKE_MARKUP) == []


def test_every_template_is_escaped_because_of_its_name():
    assert [name(path) for path in pages() if path.suffix != ".html"] == []


def test_no_template_switches_escaping_off():
    assert lines_with(UNESCAPED, pages()) == []


def test_no_template_has_style_or_script_in_it():
    assert lines_with(INLINE, pages()) == []


def test_pages_fetch_nothing_from_elsewhere():
    assert lines_with(OUTSIDE, [*pages(), *own_static(), *VENDOR.rglob("*.css")]) == []


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("<script>go()</script>", INLINE),
        ('<p style="color:red">', INLINE),
        ('<a onclick="go()">', INLINE),
        ("{{ name|safe }}", UNESCAPED),
        ('<img src="//elsewhere.example/a.png">', OUTSIDE),
        ("@import 'https://elsewhere.example/a.css'", OUTSIDE),
        ("background: url(https://elsewhere.example/a.png)", OUTSIDE),
        ('path = "/ro' + 'ot/me"', MACHINE),
    ],
)
def test_the_patterns_find_what_they_are_for(line: str, pattern: re.Pattern[str]):
    assert pattern.search(line)


def test_vendored_files_are_what_the_lock_says():
    entries = json.loads((VENDOR / "vendor.lock.json").read_text(encoding="utf-8"))
    locked = {file: digest for entry in entries for file, digest in entry["sha256"].items()}
    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "vendor.lock.json"
    }
    assert there == locked


def test_locked_requirements_name_no_host():
    locked = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
    assert lines_with(re.compile("://|^-"), locked) == []


def test_what_is_shipped_knows_no_machine():
    assert lines_with(MACHINE, our_texts()) == []


def catalogs() -> list[Path]:
    return sorted(CATALOGS.rglob("*.po"))


def fields(text: str) -> set[str]:
    """The names in braces that are filled in later, ``%(name)s`` too."""
    return {field for _, field, _, _ in Formatter().parse(text) if field} | set(
        re.findall(r"%\((\w+)\)", text)
    )


def each(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def context(message: Message) -> str:
    """What tells two equal words apart; Babel reads it from a compiled catalog as bytes."""
    return message.context.decode() if isinstance(message.context, bytes) else message.context or ""


@pytest.mark.skipif(not catalogs(), reason="no translations yet")
class TestTranslations:
    @pytest.fixture(params=catalogs(), ids=lambda path: path.parent.parent.name)
    def po(self, request: pytest.FixtureRequest) -> Path:
        return request.param

    def test_everything_is_translated(self, po: Path):
        with po.open("rb") as file:
            open_ones = [m.id for m in read_po(file) if m.id and (m.fuzzy or not all(each(m.string)))]
        assert open_ones == []

    def test_a_translation_has_the_same_facts(self, po: Path):
        with po.open("rb") as file:
            pairs = [(set().union(*map(fields, each(m.id))), m) for m in read_po(file) if m.id]
        assert [m.id for facts, m in pairs if not fields(" ".join(each(m.string))) <= facts] == []
        singles = [(facts, m) for facts, m in pairs if isinstance(m.id, str)]
        assert [m.id for facts, m in singles if fields(str(m.string)) != facts] == []

    def test_the_compiled_catalog_is_in_step(self, po: Path):
        with po.open("rb") as source, po.with_suffix(".mo").open("rb") as compiled:
            written = {
                (each(m.id), context(m)): each(m.string) for m in read_po(source) if m.id and not m.fuzzy
            }
            in_use = {(each(m.id), context(m)): each(m.string) for m in read_mo(compiled) if m.id}
        assert in_use == written
