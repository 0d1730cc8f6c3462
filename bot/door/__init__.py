"""What stands between a socket and aiohttp: who is let in, for how long, and what needs no aiohttp."""
