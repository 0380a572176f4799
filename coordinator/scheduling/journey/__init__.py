"""The exact search from date to date, for plans whose steps meet only through dates, the patient and a series."""
