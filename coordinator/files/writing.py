"""Writing a clinic's files so that reading them again gives the same."""

import re
from typing import Any

import yaml

from coordinator.files.marked_yaml import PLAIN_WORDS
from coordinator.files.reading import AnyFile


class _Dumper(yaml.SafeDumper):
    """Quotes just what ``marked_yaml`` would take for something else than text, and never writes an alias."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def dump(value: AnyFile) -> str:
    """The file as YAML, with all days written out; what has its usual value is left out."""
    plain = value.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    return as_yaml({"kind": value.kind} | plain)


def as_yaml(plain: dict[str, Any]) -> str:
    """Plain values as YAML of our kind."""
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    short = all(not isinstance(item, list | dict) for item in items) and len(str(items)) < 90
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)


def _learn_plain_words() -> None:
    for name, (pattern, first_letters) in PLAIN_WORDS.items():
        letters = [None if letter == "\0" else letter for letter in first_letters]
        _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(f"^{pattern}$"), letters)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_learn_plain_words()
