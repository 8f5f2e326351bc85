"""The application: boards, command line, editor, panels."""
