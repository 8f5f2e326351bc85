"""The editor: files, Scintilla, tabs, search. Modules without Qt say so in their first line."""
