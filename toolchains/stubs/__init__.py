"""C skeletons from Python signatures, as a native module and as a user C module; and signatures from C.

``signatures`` reads Python text into the records of ``model``; ``c_module`` writes C from them, ``python_test`` a test;
``kept`` saves what the user wrote between the marked lines; ``files`` is the door: which files, as one undoable change.
"""
