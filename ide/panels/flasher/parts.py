"""Small parts that the pages of the flasher share with those of other panels."""

from ide.page_parts import Page, ask_folder, ask_open, ask_save, big, say, sentence, set_role

__all__ = ["Page", "ask_folder", "ask_open", "ask_save", "big", "say", "sentence", "set_role"]
