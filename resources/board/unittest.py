# unittest for tests on a board: what most tests use of Python's module of that name.
#
# It is served from the computer beside the project's own files; a project that brings its own unittest keeps it. With a
# mark, each result goes to the host in a line of its own (ide/board/verdicts.py); without one, main() prints them.
# Functions have no attributes on MicroPython: the decorators wrap, and the test runner learns by the exception.
import gc
import sys

try:
    from io import StringIO
except ImportError:
    StringIO = None
try:
    from time import ticks_diff, ticks_ms
except ImportError:
    ticks_ms = lambda: 0
    ticks_diff = lambda a, b: 0

MARK = ""
PICK = ""


class SkipTest(Exception):
    pass


class _Expected(Exception):
    pass


class _Unexpected(Exception):
    pass


def skip(reason=""):
    def decorate(thing):
        if isinstance(thing, type):
            thing._skip = str(reason)
            return thing

        def skipped(*args):
            raise SkipTest(reason)

        return skipped

    return decorate


def skipIf(condition, reason=""):
    return skip(reason) if condition else lambda thing: thing


def skipUnless(condition, reason=""):
    return skipIf(not condition, reason)


def expectedFailure(test):
    def expecting(*args):
        try:
            test(*args)
        except SkipTest:
            raise
        except Exception:
            raise _Expected
        raise _Unexpected

    return expecting


class _Raises:
    def __init__(self, expected, pattern=None):
        self.expected = expected
        self.pattern = pattern
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            raise AssertionError("%s was not raised" % (getattr(self.expected, "__name__", self.expected),))
        if not issubclass(kind, self.expected):
            return False
        self.exception = error
        if self.pattern is not None:
            _search(self.pattern, str(error), None)
        return True


class _Sub:
    def __init__(self, test, words):
        self.test = test
        self.words = words

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None or not issubclass(kind, Exception) or issubclass(kind, (SkipTest, _Expected, _Unexpected)):
            return False
        self.test._broken.append((self.words, error))
        return True


def _check(good, words, msg):
    if not good:
        raise AssertionError("%s : %s" % (words, msg) if msg else words)


def _search(pattern, text, msg):
    import re

    found = re.search(pattern, text) if isinstance(pattern, str) else pattern.search(text)
    _check(found, "%r does not match %r" % (pattern, text), msg)


class TestCase:
    _skip = None

    def __init__(self, methodName="runTest"):
        self._name = methodName
        self._cleanups = []
        self._broken = []

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        pass

    def tearDown(self):
        pass

    def addCleanup(self, function, *args, **words):
        self._cleanups.append((function, args, words))

    def doCleanups(self):
        while self._cleanups:
            function, args, words = self._cleanups.pop()
            function(*args, **words)

    def id(self):
        return "%s.%s" % (type(self).__name__, self._name)

    def skipTest(self, reason=""):
        raise SkipTest(reason)

    def subTest(self, msg=None, **values):
        words = ", ".join("%s=%r" % pair for pair in sorted(values.items()))
        return _Sub(self, "%s (%s)" % (msg, words) if msg and words else str(msg or words))

    def fail(self, msg=""):
        raise AssertionError(msg)

    def assertEqual(self, first, second, msg=""):
        _check(first == second, "%r is not %r" % (first, second), msg)

    def assertNotEqual(self, first, second, msg=""):
        _check(first != second, "%r is %r" % (first, second), msg)

    def assertTrue(self, value, msg=""):
        _check(value, "%r is not true" % (value,), msg)

    def assertFalse(self, value, msg=""):
        _check(not value, "%r is not false" % (value,), msg)

    def assertIs(self, first, second, msg=""):
        _check(first is second, "%r is not the same object as %r" % (first, second), msg)

    def assertIsNot(self, first, second, msg=""):
        _check(first is not second, "both are the same object: %r" % (first,), msg)

    def assertIsNone(self, value, msg=""):
        _check(value is None, "%r is not None" % (value,), msg)

    def assertIsNotNone(self, value, msg=""):
        _check(value is not None, "it is None", msg)

    def assertIn(self, member, container, msg=""):
        _check(member in container, "%r is not in %r" % (member, container), msg)

    def assertNotIn(self, member, container, msg=""):
        _check(member not in container, "%r is in %r" % (member, container), msg)

    def assertIsInstance(self, value, kind, msg=""):
        _check(isinstance(value, kind), "%r is no %r" % (value, kind), msg)

    def assertNotIsInstance(self, value, kind, msg=""):
        _check(not isinstance(value, kind), "%r is a %r" % (value, kind), msg)

    def assertGreater(self, first, second, msg=""):
        _check(first > second, "%r is not greater than %r" % (first, second), msg)

    def assertGreaterEqual(self, first, second, msg=""):
        _check(first >= second, "%r is less than %r" % (first, second), msg)

    def assertLess(self, first, second, msg=""):
        _check(first < second, "%r is not less than %r" % (first, second), msg)

    def assertLessEqual(self, first, second, msg=""):
        _check(first <= second, "%r is greater than %r" % (first, second), msg)

    def assertAlmostEqual(self, first, second, places=7, msg="", delta=None):
        near = first == second or abs(first - second) <= _room(places, delta)
        _check(near, "%r is not near %r" % (first, second), msg)

    def assertNotAlmostEqual(self, first, second, places=7, msg="", delta=None):
        near = first == second or abs(first - second) <= _room(places, delta)
        _check(not near, "%r is near %r" % (first, second), msg)

    def assertCountEqual(self, first, second, msg=""):
        left = list(second)
        for item in first:
            _check(item in left, "%r and %r have not the same items" % (first, second), msg)
            left.remove(item)
        _check(not left, "%r and %r have not the same items" % (first, second), msg)

    def assertRegex(self, text, pattern, msg=""):
        _search(pattern, text, msg)

    def assertRaises(self, expected, function=None, *args, **words):
        return self._raises(_Raises(expected), function, args, words)

    def assertRaisesRegex(self, expected, pattern, function=None, *args, **words):
        return self._raises(_Raises(expected, pattern), function, args, words)

    def _raises(self, context, function, args, words):
        if function is None:
            return context
        with context:
            function(*args, **words)

    def assertSequenceEqual(self, first, second, msg=""):
        self.assertEqual(list(first), list(second), msg)

    assertListEqual = assertTupleEqual = assertDictEqual = assertSetEqual = assertEqual
    assertMultiLineEqual = assertEqual
    assertRaisesRegexp = assertRaisesRegex


def _room(places, delta):
    return delta if delta is not None else 0.5 / 10**places


class TestResult:
    def __init__(self):
        self.counts = {}
        self.testsRun = 0

    def wasSuccessful(self):
        return not (self.counts.get("failed") or self.counts.get("error"))

    # status: passed, failed, error, skipped
    def tell(self, status, name, start, words="", error=None):
        ms = ticks_diff(ticks_ms(), start)
        self.testsRun += 1
        self.counts[status] = self.counts.get(status, 0) + 1
        trace = ""
        if error is not None and StringIO:
            trace = StringIO()
            sys.print_exception(error, trace)
            trace = trace.getvalue()
        if MARK:
            print("%s%r" % (MARK, (status, name, ms, words, trace)))
            return
        print("%-8s%s%s" % (status, name, ": " + words if words else ""))
        if trace:
            print(trace)
        elif error is not None:
            sys.print_exception(error)


def _words(error):
    text = str(error)
    name = type(error).__name__
    return "%s: %s" % (name, text) if text else name


def _try(result, name, start, work):
    # Do it; tell what went wrong, if anything did: True when nothing did.
    try:
        work()
        return True
    except SkipTest as error:
        result.tell("skipped", name, start, str(error))
    except _Expected:
        result.tell("passed", name, start, "failed, as expected")
    except _Unexpected:
        result.tell("failed", name, start, "it was expected to fail")
    except AssertionError as error:
        result.tell("failed", name, start, _words(error), error)
    except (Exception, SystemExit) as error:  # a test that ends the program would end the tests after it, too
        result.tell("error", name, start, _words(error), error)
    return False


def _method(result, case, name):
    full = "%s.%s" % (case.__name__, name)
    start = ticks_ms()
    test = case(name)
    # A tearDown that fails, too, is told besides: it must not hide what the test said.
    good = _try(result, full, start, test.setUp)
    if good:
        good = _try(result, full, start, getattr(test, name))
        good = _try(result, full, start, test.tearDown) and good
    good = _try(result, full, start, test.doCleanups) and good
    for words, error in test._broken:
        status = "failed" if isinstance(error, AssertionError) else "error"
        result.tell(status, "%s [%s]" % (full, words), start, _words(error), error)
    if good and not test._broken:
        result.tell("passed", full, start)
    gc.collect()


def _case(result, case):
    names = [name for name in sorted(dir(case)) if name.startswith("test") and callable(getattr(case, name))]
    if PICK:
        names = [name for name in names if PICK in ("%s.%s" % (case.__name__, name)).lower()]
    if case._skip is not None:
        for name in names:
            result.tell("skipped", "%s.%s" % (case.__name__, name), ticks_ms(), case._skip)
    elif names and _try(result, case.__name__, ticks_ms(), case.setUpClass):
        for name in names:
            _method(result, case, name)
        _try(result, case.__name__, ticks_ms(), case.tearDownClass)


def main(module="__main__", exit=True, **unused):
    if isinstance(module, str):
        module = sys.modules.get(module) or __import__(module)
    result = TestResult()
    for name in sorted(dir(module)):
        case = getattr(module, name)
        if isinstance(case, type) and issubclass(case, TestCase) and case is not TestCase:
            _case(result, case)
    if not MARK:
        counts = ", ".join("%d %s" % (n, status) for status, n in sorted(result.counts.items()))
        print("%d tests: %s" % (result.testsRun, counts or "none found"))
    if exit:
        sys.exit(0 if result.wasSuccessful() else 1)
    return result
