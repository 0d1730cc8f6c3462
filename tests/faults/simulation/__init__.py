"""The whole application in one process, in virtual time, with a fault at every edge.

`loop.py` is time; `database.py`, `discord.py`, `providers.py` and `files.py` are the world outside, and know
what really happened there; `outside.py` rolls the dice and keeps the diary; `process.py` is one life of the
application; `world.py` lets lives begin and end in that world, and `people.py` ask for films; `invariants.py`
says what must be true once everything has come to rest. On top of them `sweep.py` dies at every moment of the
`scenarios.py`, `seeds.py` lets chance decide, and `years.py` lets time pass.
"""
