import answer


def hello(name):
    return "%s, the answer is %d" % (name, answer.answer())
