"""A bot with entries in messages' menus, a form and a command in two languages."""

from __future__ import annotations

import discord
from discord import app_commands, ui


class Form(ui.Modal, title="Animate"):
    prompt: ui.Label = ui.Label(text="Prompt", component=ui.TextInput(custom_id="prompt"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Repeat what was typed."""
        await interaction.response.send_message(f"You want {self.prompt.component.value}.", ephemeral=True)


class Translator(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the Chinese words for a command and its option."""
        del context
        return {"say": "说", "words": "文字"}.get(str(string)) if locale is discord.Locale.chinese else None


class Clerk(discord.Client):
    """Has two entries in messages' menus, one opens a form, one tells what it sees; and a command."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(app_commands.ContextMenu(name="Animate this", callback=self.animate))
        self.tree.add_command(app_commands.ContextMenu(name="Tell", callback=self.tell))
        self.tree.add_command(app_commands.Command(name="say", description="Say", callback=self.say))

    async def setup_hook(self) -> None:
        """Give the names their translations."""
        await self.tree.set_translator(Translator())

    async def say(self, interaction: discord.Interaction, words: str) -> None:
        """Repeat it, with the reader's language."""
        await interaction.response.send_message(f"{interaction.locale}: {words}", ephemeral=True)

    async def animate(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form."""
        del message
        await interaction.response.send_modal(Form())

    async def tell(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Name the message's files and the reader's language."""
        files = ", ".join([f"{file.filename} {len(await file.read())}" for file in message.attachments])
        await interaction.response.send_message(f"{interaction.locale}: {files}", ephemeral=True)
