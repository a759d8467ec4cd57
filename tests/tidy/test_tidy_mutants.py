"""The page of mutants says what their table says."""

from __future__ import annotations

from mutants.page import PAGE, page
from mutants.table import MUTANTS


def test_the_page_of_mutants_is_the_table_in_words() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(MUTANTS), "make mutants RECORD=1 writes it"
