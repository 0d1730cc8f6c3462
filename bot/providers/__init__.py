"""Each hosted service that makes videos: one wire contract a file."""
