def main() -> None:
    raise SystemExit(64)
