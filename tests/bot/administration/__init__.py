"""Tests of `bot.administration`."""
