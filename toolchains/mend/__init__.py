"""Code of older MicroPython releases, and what is written today: found by rules, mended by edits.

``search`` is the door (:func:`old_code`, :func:`mend_all`) · ``records`` what a rule and a finding are · ``sources``
the files that are looked at · ``words`` ``tables`` ``types`` ``type_tables`` ``modules`` ``boards`` the kinds of
rules. The rules are data: ``resources/mend.json``.
"""

from toolchains.mend.records import OldCode, Rule, rules
from toolchains.mend.search import mend_all, old_code
from toolchains.mend.sources import Sources

__all__ = ["OldCode", "Rule", "Sources", "mend_all", "old_code", "rules"]
