"""Fetch the style sheets and scripts of others that the pages use; for maintainers, needs npm and the net.

Each asset comes out of its npm package unchanged, with its licence, and is written down in vendor.lock.json.
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "coordinator/web/static/vendor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of an npm package, and the licence text that travels with it."""

    name: str
    package: str
    version: str
    path: str
    licence: str
    licence_path: str

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"


ASSETS = (
    Asset(
        name="pico",
        package="@picocss/pico",
        version="2.1.1",
        path="css/pico.classless.min.css",
        licence="MIT",
        licence_path="LICENSE.md",
    ),
    Asset(
        name="htmx",
        package="htmx.org",
        version="2.0.11",
        path="dist/htmx.min.js",
        licence="0BSD",
        licence_path="LICENSE",
    ),
)


def fetch(asset: Asset, folder: Path) -> tuple[Path, str]:
    """The packed package and the integrity string that the registry gives for it."""
    order = ["npm", "pack", f"{asset.package}@{asset.version}", "--json", "--pack-destination", str(folder)]
    answer = subprocess.run(order, check=True, capture_output=True, text=True)
    (packed,) = json.loads(answer.stdout)
    return folder / packed["filename"], packed["integrity"]


def unpack(archive: Path, member: str, target: Path) -> str:
    """Write one member of a package to ``target``; its SHA-256 in hex."""
    with tarfile.open(archive) as package:
        found = package.extractfile(f"package/{member}")
        if found is None:
            raise SystemExit(f"{archive.name} has no file {member}")
        content = found.read()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def vendor(asset: Asset, folder: Path) -> dict[str, object]:
    """Put one asset and its licence in place; the entry for the lock file."""
    archive, integrity = fetch(asset, folder)
    place = VENDOR / asset.folder
    files = {
        f"{asset.folder}/{target}": unpack(archive, source, place / target)
        for source, target in ((asset.path, Path(asset.path).name), (asset.licence_path, "LICENSE"))
    }
    return {
        "name": asset.package,
        "version": asset.version,
        "integrity": integrity,
        "licence": asset.licence,
        "edits": "none",
        "sha256": files,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        entries = [vendor(asset, Path(folder)) for asset in ASSETS]
    (VENDOR / "vendor.lock.json").write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    print("Vendored " + ", ".join(asset.folder for asset in ASSETS))


if __name__ == "__main__":
    main()
