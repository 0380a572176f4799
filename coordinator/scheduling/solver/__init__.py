"""The search with CP-SAT, for plans that are not plain: every rule, in a window of dates that grows."""
