"""The files of a clinic: what they may say, reading them with the line of every mistake, and writing them."""
