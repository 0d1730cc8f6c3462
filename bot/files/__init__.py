"""Where films in transit and members' files are kept: a folder of ours, or storage that machines share."""

from bot.files.chosen import storage_at
from bot.files.folder import Folder
from bot.files.kept import Address, Files, Whole

__all__ = ["Address", "Files", "Folder", "Whole", "storage_at"]
