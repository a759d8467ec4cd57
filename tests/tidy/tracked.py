"""What belongs to the project: the files that git tracks, or would track, as text."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One text file of the project; `path` is relative to the root of the repository."""

    path: PurePosixPath
    text: str

    @property
    def is_python(self) -> bool:
        """Whether it is a Python module."""
        return self.path.suffix == ".py"

    @property
    def is_product(self) -> bool:
        """Whether it is a Python module that users install."""
        return self.is_python and self.path.parts[0] == "src"

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; raises SyntaxError if the module is not Python."""
        return ast.parse(self.text, str(self.path))


@cache
def paths() -> tuple[PurePosixPath, ...]:
    """Every file of the project: tracked, or new and not ignored; deleted ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = sorted({name for name in listed.split("\0") if name})
    return tuple(PurePosixPath(name) for name in names if (ROOT / name).is_file())


@cache
def sources() -> tuple[Source, ...]:
    """Every file of the project that is UTF-8 text."""
    found = []
    for path in paths():
        try:
            found.append(Source(path, (ROOT / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture or another binary file
    return tuple(found)
