import text_search

poem = "le café, la forêt, le café noir"
print("café stands at", text_search.find(poem, "café"), "and", text_search.find(poem, "café", 4))
print("it stands there", text_search.count(poem, "café"), "times")
print(text_search.replace(poem, "café", "thé"))

try:
    text_search.find(poem, b"bytes")
except TypeError as error:
    print("TypeError:", error)
