"""The pages: one module a noun, each with its blueprint."""
