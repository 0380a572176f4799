"""Many plans at once: a complete schedule first, then better ones, and a bound that says how good they are."""
