"""What operators run the bot with, around the real store."""

from bot.administration.operations import Operations
from bot.metrics import Metrics


def operations_of(store, admission, generations, providers, health, hosting, clock):
    """Put it together as `bot.app` does."""
    return Operations.over(
        store,
        admission=admission,
        generations=generations,
        providers={provider.name: provider for provider in providers},
        health=health,
        metrics=Metrics(),
        hosting=hosting,
        clock=clock,
        nudge=lambda: None,
        database="SQLite",
    )
