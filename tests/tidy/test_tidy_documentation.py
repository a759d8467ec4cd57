"""Documents lead to each other and name only what exists."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

from tidy.tracked import ROOT, Source, paths, sources

ENTRANCES = ("README.md", "CONTRIBUTING.md", "docs/README.md")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
MAKE_TARGET = re.compile(r"\bmake ([a-z]+)(?= [A-Z]+=|[`\n])")


def _documents() -> dict[str, Source]:
    return {str(source.path): source for source in sources() if source.path.suffix == ".md"}


def _links(document: Source) -> list[str]:
    """The files that a document links to, as paths from the root of the repository."""
    targets = (target.partition("#")[0] for target in LINK.findall(FENCED.sub("", document.text)))
    return [
        posixpath.normpath(document.path.parent / target)
        for target in targets
        if target and "://" not in target and not target.startswith("mailto:")
    ]


def test_links_are_found_and_resolved_from_the_document_that_holds_them() -> None:
    text = "[a](../b.md#part) ![c](d.svg) [e](https://example.com/f) [g](#h)\n```\n[i](j)\n```\n"

    links = _links(Source(PurePosixPath("docs/users/a.md"), text))

    assert links == ["docs/b.md", "docs/users/d.svg"]


def test_every_link_leads_to_a_file_or_folder() -> None:
    dead = [
        f"{name}: {target}"
        for name, document in _documents().items()
        for target in _links(document)
        if not (ROOT / target).exists()
    ]

    assert dead == []


def test_every_file_in_docs_can_be_reached_by_links() -> None:
    documents = _documents()
    reached: set[str] = set()
    open_ends = [name for name in ENTRANCES if name in documents]
    while open_ends:
        name = open_ends.pop()
        if name not in reached:
            reached.add(name)
            open_ends += _links(documents[name]) if name in documents else []

    lost = [str(path) for path in paths() if path.parts[0] == "docs" and str(path) not in reached]

    assert lost == [], f"link them from one of {ENTRANCES} or from what these link to"


def test_every_make_target_that_a_document_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    unknown = [
        f"{name}: make {target}"
        for name, document in _documents().items()
        for target in MAKE_TARGET.findall(document.text)
        if target not in targets
    ]

    assert unknown == []


def test_every_make_target_is_explained_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    silent = re.findall(r"^([a-z]+):(?!.*## )", makefile, re.MULTILINE)

    assert silent == []
