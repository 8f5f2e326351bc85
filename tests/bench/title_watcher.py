"""Tells when windows get their titles: one JSON line each. Runs with python-xlib, in the bench's own environment.

    python title_watcher.py DISPLAY

Lines on standard output: ``{"t": CLOCK_MONOTONIC seconds, "window": id, "title": "..."}``; on standard input: an id,
whose window is asked to close, as a click on its cross would.
"""

import json
import select
import sys
import time

from Xlib import X, display, error
from Xlib.protocol import event


class Watcher:
    """One connection to the X server; it sleeps until something changes."""

    def __init__(self, name):
        self.display = display.Display(name)
        self.root = self.display.screen().root
        self.listed, self.name, self.text = map(
            self.display.intern_atom, ("_NET_CLIENT_LIST", "_NET_WM_NAME", "UTF8_STRING")
        )
        self.titles = {}
        self.root.change_attributes(event_mask=X.PropertyChangeMask)

    def look(self):
        """Compare the list of mapped windows, and their titles, with what was said before."""
        found = self.root.get_full_property(self.listed, X.AnyPropertyType)
        windows = list(found.value) if found else []
        for window in windows:
            self.say(window)
        for window in set(self.titles) - set(windows):
            del self.titles[window]

    def say(self, window):
        """Tell its title, if it has a new one, and from now on hear of changes."""
        try:
            thing = self.display.create_resource_object("window", window)
            if window not in self.titles:
                thing.change_attributes(event_mask=X.PropertyChangeMask)
            found = thing.get_full_property(self.name, self.text)
            title = bytes(found.value).decode("utf-8", "replace") if found else thing.get_wm_name() or ""
        except error.XError:  # it is gone already
            return
        if self.titles.get(window) != title:
            self.titles[window] = title
            print(json.dumps({"t": time.monotonic(), "window": window, "title": str(title)}), flush=True)

    def close(self, window):
        """Ask the window manager to close it."""
        kind = self.display.intern_atom("_NET_CLOSE_WINDOW")
        thing = self.display.create_resource_object("window", window)
        message = event.ClientMessage(window=thing, client_type=kind, data=(32, [X.CurrentTime, 2, 0, 0, 0]))
        self.root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self.display.flush()

    def run(self):
        """Until standard input ends."""
        self.look()
        while True:
            ready, _, _ = select.select([self.display.fileno(), sys.stdin], [], [])
            if sys.stdin in ready:
                line = sys.stdin.readline()
                if not line:
                    return
                self.close(int(line))
            while self.display.pending_events():
                self.display.next_event()
            self.look()


if __name__ == "__main__":
    Watcher(sys.argv[1]).run()
