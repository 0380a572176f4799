"""Calendar files and the mails that carry them: pure writing, values in and bytes out."""
