"""The three provider APIs on this machine: real HTTP, real films, nobody's money.

`StandIns` runs them inside a program, `serve` alone. They are strangers to the bot: they know its providers
only by the providers' own pages, and share no code with it, so that a mistake there can't hide here.
"""

from bot.demo.stand_ins.server import KEYS, PACE, PORT, StandIns, serve

__all__ = ["KEYS", "PACE", "PORT", "StandIns", "serve"]
