"""The scheduling core: a problem of plain values in, an answer of plain values out."""
