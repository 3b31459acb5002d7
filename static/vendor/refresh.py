"""Fetch the vendored front-end files again, from npm, at the versions pinned below.

    python3 static/vendor/refresh.py

Needs npm on the PATH and nothing else. To move to another version, change it here, run this,
rename the folder wherever `git grep` finds the old name, and look at the pages. To add an icon,
add its name to `icons.txt` and run this.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLER, ICONS, INTER = "1.6.1", "3.51.0", "5.3.0"
#: What of the font we carry: English and Spanish need `latin`; names need `latin-ext`.
INTER_SUBSETS = ("latin", "latin-ext")


def fetch(package: str, version: str, into: Path) -> Path:
    """Download one npm package and unpack it; the path of its files."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    target = into / package.replace("/", "_")
    with tarfile.open(into / done.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def fresh(name: str) -> Path:
    """An empty folder of that name beside this file."""
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def vendor_tabler(package: Path) -> None:
    """The style sheet only; we use none of its script.

    It goes into a cascade layer, so that any rule of `app.css` is stronger than any of its own,
    and loses the pointer to its source map. Its npm package has no license file, so
    `LICENSE-tabler.txt` is kept here and copied.
    """
    folder = fresh(f"tabler-{TABLER}")
    css = (package / "dist/css/tabler.min.css").read_text("utf-8")
    css = re.sub(r"\n?/\*# sourceMappingURL=.*?\*/\s*$", "", css.removeprefix('@charset "UTF-8";'))
    (folder / "tabler.min.css").write_text(f'@charset "UTF-8";@layer tabler{{{css}}}\n', "utf-8")
    shutil.copy(HERE / "LICENSE-tabler.txt", folder / "LICENSE")


def vendor_icons(package: Path) -> None:
    """One SVG sprite with a `<symbol>` for each name in `icons.txt`."""
    folder = fresh(f"tabler-icons-{ICONS}")
    names = (HERE / "icons.txt").read_text("utf-8").split()
    symbols = "\n".join(symbol(package, name) for name in sorted(set(names)))
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    (folder / "sprite.svg").write_text(sprite, "utf-8")
    shutil.copy(package / "LICENSE", folder / "LICENSE")


def symbol(package: Path, name: str) -> str:
    """One icon as a symbol that takes its color and stroke width from where it is used."""
    source = (package / f"icons/outline/{name}.svg").read_text("utf-8")
    inner = re.sub(r'<path stroke="none"[^>]*/>', "", source.split(">", 1)[1])
    inner = re.sub(r"\s*\n\s*", "", inner.replace("</svg>", ""))
    drawing = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {drawing}>{inner}</symbol>'


def vendor_inter(package: Path) -> None:
    """The variable font's weight axis, in the subsets we need, and its own @font-face rules.

    But one that comes late waits for the next page, instead of moving every line of this one.
    """
    folder = fresh(f"inter-{INTER}")
    rules = re.findall(
        r"@font-face \{.*?\n\}", (package / "wght.css").read_text("utf-8"), re.DOTALL
    )
    kept = []
    for subset in INTER_SUBSETS:
        file = f"inter-{subset}-wght-normal.woff2"
        shutil.copy(package / "files" / file, folder / file)
        rule = next(rule for rule in rules if f"/{file})" in rule)
        kept.append(rule.replace("./files/", "").replace("display: swap", "display: optional"))
    (folder / "inter.css").write_text("\n".join(kept) + "\n", "utf-8")
    shutil.copy(package / "LICENSE", folder / "LICENSE")


def main() -> None:
    with tempfile.TemporaryDirectory() as tmp:
        into = Path(tmp)
        vendor_tabler(fetch("@tabler/core", TABLER, into))
        vendor_icons(fetch("@tabler/icons", ICONS, into))
        vendor_inter(fetch("@fontsource-variable/inter", INTER, into))


if __name__ == "__main__":
    main()
