"""Importing this registers every Web API method."""

from sandbox.api import auth, chat, chat_scheduled, conversations, extras, files, history, people, views

__all__ = ["auth", "chat", "chat_scheduled", "conversations", "extras", "files", "history", "people", "views"]
