"""The search for times beside the textbook model of it."""
