"""The bot as a real process that dies at named moments, between real servers and a real database."""
