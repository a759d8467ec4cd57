"""`python -m ledgerbridge`: the command line without its script."""

from ledgerbridge.cli import main

main()
