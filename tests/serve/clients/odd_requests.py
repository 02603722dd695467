"""Odd but legal requests, alone or behind a proxy: python odd_requests.py PORT [UPSTREAM_PORT]

Every request asks for a number of characters of its own, so that an answer tells which request it
belongs to. All readers of the same bytes must agree: each request is answered once, in turn, and the
connection that the proxy keeps to the server gives the next client its own answer. With UPSTREAM_PORT
the server there must have counted as many requests as the proxy at PORT gave answers.
"""
import json
import re
import socket
import sys
import urllib.request

PORT = int(sys.argv[1])
UPSTREAM = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
PROXIED = UPSTREAM != PORT
numbers = iter(range(1, 1000))


def body(stream=False):
    number = next(numbers)
    fields = {"prompt": "", "max_tokens": number, "seed": 1}
    return json.dumps(fields | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})).encode(), number


def head(lines, target=b"/v1/completions", version=b"1.1", method=b"POST"):
    return method + b" " + target + b" HTTP/" + version + b"\r\nHost: localhost\r\n" + lines + b"\r\n"


def post(lines=b"", length=b"Content-Length: %d\r\n", stream=False, **fields):
    text, number = body(stream)
    return head(b"Content-Type: application/json\r\n" + length % len(text) + lines, **fields) + text, number


def chunked(pieces, lines=b"", end=b"0\r\n\r\n", coding=b"Transfer-Encoding: chunked\r\n"):
    text, number = body()
    return head(b"Content-Type: application/json\r\n" + coding + lines) + b"".join(pieces(text)) + end, number


def sizes(size, pattern=b"%x\r\n"):
    return lambda text: [pattern % len(part) + part + b"\r\n"
                         for part in (text[i:i + size] for i in range(0, len(text), size))]


# One request each; all of them are answered with 200 and their own number of characters.
SINGLE = {
    "a length": post(), "a stream": post(stream=True),
    "a length with zeros before it": post(length=b"Content-Length: 000%d\r\n"),
    "spaces around a length": post(length=b"Content-Length:    %d   \r\n"),
    "no space before a length": post(length=b"Content-Length:%d\r\n"),
    "odd case of names": post(length=b"cOnTeNt-LeNgTh: %d\r\n"),
    "one chunk": chunked(sizes(10_000)), "chunks of one byte": chunked(sizes(1)),
    "chunks with zeros before their size": chunked(sizes(13, b"00000%x\r\n")),
    "chunk sizes in capitals": chunked(sizes(14, b"%X\r\n")),
    "chunks with an extension": chunked(sizes(7, b"%x;a=b\r\n")),
    "chunks with a quoted extension": chunked(sizes(7, b"%x;a=\"b c\"\r\n")),
    "chunks with a bare extension": chunked(sizes(7, b"%x;a\r\n")),
    "an extension of the last chunk": chunked(sizes(7), end=b"0;last=1\r\n\r\n"),
    "a last chunk of many zeros": chunked(sizes(7), end=b"00000\r\n\r\n"),
    "a trailer": chunked(sizes(7), lines=b"Trailer: X-Sum\r\n", end=b"0\r\nX-Sum: 1\r\n\r\n"),
    "odd case of chunked": chunked(sizes(7), coding=b"TRANSFER-ENCODING: ChUnKeD\r\n"),
    "fifty header lines": post(b"".join(b"X-%d: y\r\n" % i for i in range(50))),
    "the same line twice": post(b"X-A: b\r\nX-A: c\r\n"), "an empty line's value": post(b"X-A:\r\n"),
    "a line of 3,000 bytes": post(b"X-A: " + b"a" * 3000 + b"\r\n"),
    "a name with an underscore": post(b"Content_Length: 3\r\nTransfer_Encoding: chunked\r\n"),
    "names of hop-by-hop lines": post(b"Connection: keep-alive, X-A\r\nX-A: b\r\n"),
    "the length called hop-by-hop": post(b"Connection: Content-Length\r\n"),
    "an upgrade that nobody makes": post(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
    "TE": post(b"TE: trailers\r\n"), "a range": post(b"Range: bytes=0-1\r\n"),
    "HTTP/1.0": post(version=b"1.0"), "HTTP/1.0 that stays": post(b"Connection: keep-alive\r\n", version=b"1.0"),
    "a whole URL": post(target=b"http://localhost/v1/completions"), "a query": post(target=b"/v1/completions?a=b&c"),
}
# What a proxy makes sound, the server alone refuses.
ONLY_PROXIED = {
    "bare line ends": (post()[0].replace(b"\r\n", b"\n"), next(numbers) - 1),
    "empty lines before the request": (lambda both: (b"\r\n\r\n" + both[0], both[1]))(post()),
}
# These ask for no text: one answer, whichever.
OTHERS = {
    "trailers named like framing": chunked(sizes(7), end=b"0\r\nContent-Length: 3\r\nTransfer-Encoding: identity\r\n\r\n")[0],
    "a long extension": chunked(sizes(7), end=b"0;" + b"a" * 9000 + b"\r\n\r\n")[0],
    "GET with a body": head(b"Content-Length: 5\r\n", b"/health", method=b"GET") + b"hello",
    "GET with chunks": head(b"Transfer-Encoding: chunked\r\n", b"/health", method=b"GET") + b"5\r\nhello\r\n0\r\n\r\n",
    "DELETE": head(b"", method=b"DELETE"), "OPTIONS": head(b"", method=b"OPTIONS"), "PUT": head(b"Content-Length: 2\r\n", method=b"PUT") + b"{}",
    "an escaped path": head(b"", b"/v1/%6dodels", method=b"GET"), "two slashes": head(b"", b"//health", method=b"GET"),
    "a dotted path": head(b"", b"/v1/../health", method=b"GET"),
    "a head that is too long": head((b"X-A: " + b"a" * 4000 + b"\r\n") * 3, b"/health", method=b"GET"),
    "a body that is too long": head(b"Content-Type: application/json\r\nContent-Length: 1500000\r\n") + b" " * 1_500_000,
    "chunks that are too many": head(b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n") +
    (b"1000\r\n" + b" " * 4096 + b"\r\n") * 400 + b"0\r\n\r\n",
    "a body that is no JSON": head(b"Content-Type: application/json\r\nContent-Length: 3\r\n") + b"GET",
}


def answer_of(file, bodiless=False):
    line = file.readline()
    if not line:
        return None
    status = int(line.split()[1])
    lines = {}
    while (line := file.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        lines[name.strip().lower()] = value.strip()
    if status == 100:
        return answer_of(file)
    if b"chunked" in lines.get(b"transfer-encoding", b""):
        content = b""
        while size := int(file.readline(), 16):
            content += file.read(size)
            file.readline()
        file.readline()
    else:
        content = file.read(int(lines[b"content-length"])) if b"content-length" in lines else file.read()
    return status, content


def exchange(pieces, count, end=True):
    """The answers to what is sent, at most `count` and then whatever comes."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as client, client.makefile("rb") as file:
        answers = []
        for piece in pieces:
            client.sendall(piece)
        while len(answers) < count and (answer := answer_of(file)):
            answers.append(answer)
        if end and len(answers) == count:
            client.shutdown(socket.SHUT_WR)
            assert file.read() == b"", "an answer that nobody asked for"
        return answers


def check(name, answer, number):
    counts = re.findall(rb'"completion_tokens": *(\d+)', answer[1])
    assert answer[0] == 200 and counts == [str(number).encode()], (name, number, answer)


def next_client_is_well(name):
    request, number = post()
    answers = exchange([request], 1)
    check(f"after: {name}", answers[0], number)


def requests_counted():
    text = urllib.request.urlopen(f"http://127.0.0.1:{UPSTREAM}/metrics", timeout=10).read().decode()
    return sum(int(count) for count in re.findall(r"^charrnn_requests_total\{.*\} (\d+)$", text, re.M))


def single(name, request, number):
    for pieces in [[request], [bytes([byte]) for byte in request] if len(request) < 600 else [request[:50], request[50:]]]:
        answers = exchange(pieces, 1)
        assert len(answers) == 1, (name, answers)
        check(name, answers[0], number)


def waits_for_leave():
    request, number = post(b"Expect: 100-continue\r\n")
    at = request.index(b"\r\n\r\n") + 4
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as client, client.makefile("rb") as file:
        client.sendall(request[:at])
        assert file.readline().startswith(b"HTTP/1.1 100 ")
        file.readline()
        client.sendall(request[at:])
        check("leave", answer_of(file), number)


def several(requests, name):
    answers = exchange([b"".join(request for request, _ in requests)], len(requests), end=False)
    assert len(answers) == len(requests), (name, answers)
    for answer, (_, number) in zip(answers, requests):
        check(name, answer, number)
    return len(answers)


before = requests_counted()
asked = 0
kinds = SINGLE | (ONLY_PROXIED if PROXIED else {})
for name, (request, number) in kinds.items():
    single(name, request, number)
    next_client_is_well(name)
    asked += 3
for name, request in OTHERS.items():
    answers = exchange([request], 1, end=False)
    assert len(answers) == 1 and answers[0][0] < 500, (name, answers)
    next_client_is_well(name)
    asked += 2
waits_for_leave()
lines = [several([post() for _ in range(3)], "three lengths"), several([chunked(sizes(9)) for _ in range(3)], "three chunked"),
         several([post(), chunked(sizes(9)), post(), chunked(sizes(1), end=b"0\r\nA: b\r\n\r\n")], "mixed")]
next_client_is_well("pipelines")
with socket.create_connection(("127.0.0.1", PORT), timeout=20) as client, client.makefile("rb") as file:
    for make in [post, lambda: chunked(sizes(5)), post]:
        request, number = make()
        client.sendall(request)
        check("one after the other", answer_of(file), number)
json_type = b"Content-Type: application/json\r\n"
for cut in [head(json_type + b"Content-Length: 50\r\n") + b"half", head(json_type + b"Transfer-Encoding: chunked\r\n") + b"5\r\nab",
            b"POST /v1/comp"]:
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as client:
        client.sendall(cut)
    next_client_is_well("a client that left")
counted = requests_counted() - before - 1
asked += 1 + sum(lines) + 1 + 3 + 3
assert counted == asked, f"the server counted {counted} requests, {asked} were answered"
print(f"odd requests{' behind a proxy' if PROXIED else ''}: {len(kinds) + len(OTHERS) + 5} kinds, "
      f"{asked} requests, each answered once and in turn")
