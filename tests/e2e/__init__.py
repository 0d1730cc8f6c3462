"""The bot as its own process, against a modelled Discord on the wire."""
