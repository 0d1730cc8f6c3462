"""Matinee: a Discord bot that makes videos."""

__version__ = "0.1.0"
