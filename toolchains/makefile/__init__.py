"""Makefiles of native modules, read as GNU make would read them, without make: nothing is run by reading one.

``words`` make's text functions · ``variables`` ``expander`` ``functions`` its variable language · ``lines`` ``reader``
``conditions`` ``rules`` its files · ``world`` what a Makefile asks the computer · ``answers`` ``consent`` commands:
known, or asked about · ``module`` ``commands`` ``flags`` what all that means for a native module.
"""
