"""The goods and services that the believable company sells: data only."""

from __future__ import annotations

# One row a category: its name, how its items are sold, and what they can be called.
# A name of the first list is combined with one of the second.
CATEGORIES: list[tuple[str, str, list[str], list[str]]] = [
    (
        "Care",
        "Service",
        ["Hedge", "Lawn", "Orchard", "Pond", "Rose", "Shrub", "Tree", "Vine", "Meadow", "Border"],
        ["trimming", "inspection", "winter care", "replanting", "feeding", "survey"],
    ),
    (
        "Design & planning",
        "Service",
        ["Garden", "Terrace", "Courtyard", "Planting", "Lighting", "Irrigation", "Roof garden"],
        ["design", "plan", "consultation", "drawing set", "site visit"],
    ),
    (
        "Materials",
        "NonInventory",
        ["Cedar", "Slate", "Oak", "Gravel", "River stone", "Sandstone", "Willow"],
        ["edging (m)", "paving (m²)", "boards", "mix, bagged", "screen"],
    ),
    (
        "Lights",
        "Inventory",
        ["Copper", "Brass", "Solar", "Pewter", "Glass"],
        ["path light", "lantern", "spot", "string light 10 m"],
    ),
    (
        "Planters",
        "Inventory",
        ["Terracotta", "Zinc", "Stoneware", "Larch", "Basalt"],
        ['planter 12"', "trough", "window box", "urn", "bowl 40 cm"],
    ),
]

HOURLY = ["Labor (hour)", "Foreman (hour)", "Machine with driver (hour)", "Travel & set-up"]

DESCRIPTIONS = [
    "Carried out by two people, tools included.",
    "Untreated; weathers to silver-grey.",
    "Made to order, allow three weeks.",
    "Frost-proof to −20 °C.",
    "",
]
