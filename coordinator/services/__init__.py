"""What the program decides and writes; only here is anything committed."""
