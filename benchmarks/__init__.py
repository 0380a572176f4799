"""How fast Coordinator is, side by side with a baseline. Nothing here is part of the program."""
