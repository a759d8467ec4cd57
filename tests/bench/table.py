"""One table for a person: what was measured, how much, what was aimed at, against the baseline."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

HEAD = ("what", "measured", "aim", "to baseline")


class Line(Struct, frozen=True, kw_only=True):
    """One figure; `met` is None where nothing was aimed at, `ratio` where nothing compares."""

    what: str
    value: int | float
    unit: str
    aim: str = ""
    met: bool | None = None
    ratio: float | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The figure in words."""
        whole = isinstance(self.value, int) or self.value >= 100
        digits = 0 if whole else 1 if self.value >= 10 else 3
        aim = self.aim if self.met is not False else f"{self.aim}  MISSED"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}x"
        return self.what, f"{self.value:,.{digits}f} {self.unit}".strip(), aim, ratio


def drawn(lines: Sequence[Line]) -> str:
    """The table as text, columns aligned."""
    rows = [HEAD, *(line.cells for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    ruler = tuple("-" * width for width in widths)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in {1, 3} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (HEAD, ruler, *rows[1:])
    )
