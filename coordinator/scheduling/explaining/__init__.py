"""Why a plan does not fit, and what would help: its rules given up one by one, mostly by dates alone."""
