"""Telling people: outbox rows, reminder policy, letters, links and the way out. Commits nothing."""
