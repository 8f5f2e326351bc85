# Runs on the board. The str and bytes of Python itself say what is right.
from array import array

from text_search import count, find, replace


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


texts = ("", "a", "aaa", "abcabcabc", "le café, la forêt, le café noir", "開發板 and 开发板", "x" * 300 + "y")
words = ("a", "aa", "abc", "café", "ê", "板", "y", "not there")
for text in texts:
    for word in words:
        assert count(text, word) == text.count(word)
        assert replace(text, word, "<é>") == text.replace(word, "<é>")
        assert replace(text, word, "") == text.replace(word, "")
        for start in range(len(text) + 2):
            assert find(text, word, start) == text.find(word, start)
        data, part = text.encode(), word.encode()
        assert find(data, part) == data.find(part)
        assert count(data, part) == data.count(part)
        assert replace(data, part, b"--") == data.replace(part, b"--")
print("find, count and replace agree with Python")

assert find(bytearray(b"one two"), b"two") == 4
assert find(memoryview(b"one two")[1:], bytearray(b"two")) == 3
assert count(array("B", [1, 2, 1, 2]), b"\x01\x02") == 2
assert replace(bytearray(b"a-b"), b"-", b"+") == b"a+b"
print("buffers of every kind work")

assert raises(TypeError, find, "text", b"t") and raises(TypeError, count, b"text", "t")
assert raises(TypeError, replace, "text", "t", b"x") and raises(TypeError, find, 5, "x")
assert raises(ValueError, find, "text", "") and raises(ValueError, replace, b"text", b"", b"x")
assert raises(ValueError, find, "text", "t", -1)
print("wrong arguments raise TypeError or ValueError")
