"""Named defects of the real product, switched on in tests only, and what catches each of them."""
