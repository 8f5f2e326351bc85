"""Makefiles of native modules, read as GNU make would read them, without make: nothing is run by reading one.

``words`` make's text functions · ``variables`` ``expander`` ``functions`` its variable language · ``lines``
``statements`` ``conditions`` ``rules`` ``reader`` its files · ``world`` what a Makefile asks the computer · ``asking``
``answers`` ``unknown`` ``consent`` ``running`` commands: known, unknown, asked about, run · ``made`` files that rules
make · ``module`` ``commands`` ``shellwords`` ``flags`` ``missing`` what all that means for a native module ·
``recipes`` the way in.
"""
