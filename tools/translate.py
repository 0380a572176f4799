"""For maintainers: collect the sentences of pages, refusals and letters, bring the catalogs in line, compile them.

python tools/translate.py            collect and compile
python tools/translate.py FILE …     take translations from files of ``sentence<TAB>translation`` lines first;
                                     of two forms, the first sentence and ``one || many``
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGS = ROOT / "coordinator/translations"
FIRST: dict[str, tuple[int, ...] | None] = dict.fromkeys(
    (
        *("_", "gettext", "lazy_gettext"),
        *("Refusal", "NotFound", "NotAllowed", "Conflict", "Breaks", "NoSuchTime", "UnknownZone"),
    )
)
KEYWORDS = FIRST | {"ngettext": (1, 2), "say": (2,), "refuse": (2,)}
"""Which argument of which call is a sentence; None is the first."""
PLACES = [("coordinator/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true"}}
ELSEWHERE = ("coordinator/cli/", "coordinator/files/", "coordinator/scheduling/")
"""What commands print, and what is wrong in a file, stays English."""


def sentences() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """Every sentence with its file and line."""
    found = extract_from_dir(ROOT, PLACES, OPTIONS, keywords=KEYWORDS, directory_filter=_ours)
    for file, line, sentence, _, _ in found:
        if not file.startswith(ELSEWHERE):
            yield file, line, sentence


def _ours(folder: str | Path) -> bool:
    parts = Path(folder).relative_to(ROOT).parts
    return not parts or parts[0] in {"coordinator", "templates"}


def template() -> Catalog:
    """All sentences, without translations."""
    catalog = Catalog(project="Coordinator", charset="utf-8")
    for file, line, sentence in sentences():
        catalog.add(sentence, locations=[(file, line)])
    return catalog


def bring_in_line(path: Path, given: dict[str, str]) -> Catalog:
    """The catalog of one language with the sentences of today; what is not used any more is gone."""
    with path.open("rb") as file:
        catalog = read_po(file)
    began = catalog.creation_date
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.creation_date = began  # else every run would change the file
    catalog.obsolete.clear()
    catalog.last_translator, catalog.msgid_bugs_address = "The Coordinator contributors", ""
    for message in catalog:
        if message.id and not _whole(message.string):
            one = message.id if isinstance(message.id, str) else message.id[0]
            translation = given.get(one, "")
            message.string = translation if one == message.id else tuple(translation.split(" || "))
    return catalog


def _given(paths: list[str]) -> dict[str, str]:
    lines = (line for path in paths for line in Path(path).read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("\t") for line in lines)
    return {sentence: translation for sentence, _, translation in pairs}


def main(paths: list[str]) -> int:
    """Write and compile every catalog; 1 where a sentence has no translation yet."""
    open_ones = 0
    for path in sorted(CATALOGS.rglob("*.po")):
        catalog = bring_in_line(path, _given(paths))
        with path.open("wb") as file:
            write_po(file, catalog, width=110, omit_header=False, sort_output=True, include_lineno=False)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
        missing = [message.id for message in catalog if message.id and not _whole(message.string)]
        open_ones += len(missing)
        for sentence in missing:
            print(f"{catalog.locale}: {sentence!r}")
    return 1 if open_ones else 0


def _whole(translation: str | tuple[str, ...]) -> bool:
    return bool(translation) and (isinstance(translation, str) or all(translation))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
