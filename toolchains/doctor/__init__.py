"""The link doctor: failures of compiler, linker and board as causes in plain words, with a fix where there is one.

``diagnosis`` is the door · ``records`` findings · ``classes`` the causes there are, with the test of each · ``symbols``
``floats`` what nothing defines · ``compiling`` the compiler's words · ``variables`` ``linking`` what MicroPython's
linker refuses · ``loading`` what a board refuses, or will do wrong · ``rewrite`` changes of C text · ``treatment`` all
fixes at once. Words to look for are data: ``resources/hints.json``.
"""

from toolchains.doctor.diagnosis import diagnose, examine_module
from toolchains.doctor.records import Finding, Patient, Place

__all__ = ["Finding", "Patient", "Place", "diagnose", "examine_module"]
