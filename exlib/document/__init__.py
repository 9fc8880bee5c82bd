"""The document: read, positions for messages, edits and lossless writing."""

from exlib.document.edit import Editor
from exlib.document.model import STDIN_NAME, Document

__all__ = ["STDIN_NAME", "Document", "Editor"]
