"""Calendars and mails of others: read generously, in a process of their own, and never believed without a look."""
