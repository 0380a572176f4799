"""A simulator: chance plays coordinators, patients, the mail server and a machine that dies; a plain model foresees.

Read in this order:

- ``clinic.py``: a clinic so small that everybody is in everybody's way.
- ``things.py`` and ``model.py``: what ought to be, in plain Python: minutes in sets, no database, no search.
- ``program.py``: the real thing on a real database, with a clock that stands still until it is told to go on.
- ``recipients.py``: the mail server, and the calendars of those who get its mails.
- ``invariants.py``: what must hold after every step, whatever it was.
- ``side_by_side.py`` and ``machine.py``: the steps; each is done to the program and to the model, which must agree.
- ``history.py``: long histories from a seed.

A failing test prints the shortest history that Hypothesis finds, as calls; the same test plays it first when it runs
again, and ``@reproduce_failure`` as printed brings it to another machine. A long history that fails names the seed and
the command that plays it again: ``python -m benchmarks.reliability simulate --seed 17 --seeds 1 --steps 2000``.
"""
