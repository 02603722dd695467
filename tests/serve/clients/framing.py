"""Unsound framing, alone or behind a proxy: python framing.py PORT [UPSTREAM_PORT]

Each variant hides a second request in what may be a body. Nobody may answer the hidden one: then two
readers of the same bytes would not agree where a request ends. With UPSTREAM_PORT the server behind
the proxy at PORT has to be well afterwards, and never to have answered with 5xx.
"""
import socket
import sys
import urllib.request

PORT = int(sys.argv[1])
UPSTREAM = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
JSON = b"Content-Type: application/json\r\n"


def post(lines, body, version=b"1.1", host=b"Host: localhost\r\n"):
    return b"POST /v1/completions HTTP/" + version + b"\r\n" + host + JSON + lines + b"\r\n" + body


ended = b"0\r\n\r\n" + HIDDEN
length = str(len(HIDDEN)).encode()
both = b"Content-Length: " + str(len(ended)).encode() + b"\r\n"
VARIANTS = [
    *[post(both + line, ended) for line in [
        b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: Chunked\r\n", b"transfer-encoding:chunked\r\n",
        b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding:\tchunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: identity, chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: \"chunked\"\r\n", b"Transfer-Encoding: chunked;q=1\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        b" Transfer-Encoding: chunked\r\n", b"A: b\r\n Transfer-Encoding: chunked\r\n", b"A: b\rTransfer-Encoding: chunked\r\n",
        b"A: b\nTransfer-Encoding: chunked\r\n", b"A: \0\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding:\r\n chunked\r\n",
        b"Transfer\x00-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\x00\r\n"]],
    post(both + b"Transfer-Encoding: chunked\r\n", ended, b"1.0"),
    post(b"Transfer-Encoding: chunked\r\n", ended, b"1.0"),
    *[post(line, HIDDEN) for line in [
        b"Content-Length: 0\r\nContent-Length: " + length + b"\r\n", b"Content-Length: " + length + b"\r\nContent-Length: 0\r\n",
        b"Content-Length: 0, " + length + b"\r\n", b"Content-Length: +" + length + b"\r\n", b"Content-Length: -1\r\n",
        b"Content-Length: 0x2a\r\n", b"Content-Length: " + length + b" 0\r\n", b"Content-Length:\r\n",
        b"Content-Length: 18446744073709551616\r\n", b"Content-Length : " + length + b"\r\n", b"Content-Length: 4_2\r\n"]],
    *[post(b"Transfer-Encoding: chunked\r\n", body + HIDDEN) for body in [
        b"0x0\r\n\r\n", b"-0\r\n\r\n", b"+0\r\n\r\n", b"\r\n\r\n", b"10000000000000000\r\n\r\n",
        b"1\r\nab\r\n0\r\n\r\n", b"g\r\n\r\n"]],
    post(both + b"Transfer-Encoding: chunked\r\n", ended, host=b""),
    post(both + b"Transfer-Encoding: chunked\r\n", ended, host=b"Host: localhost\r\nHost: other\r\n"),
]
if UPSTREAM == PORT:
    # Not behind a proxy that reads these as whole bodies and sends on two requests: then nothing was hidden. nginx
    # takes a bare LF, and drops the long extension, which is legal but beyond a bound of the server.
    VARIANTS += [post(b"Transfer-Encoding: chunked\r\n", body + HIDDEN)
                 for body in [b"0\n\r\n", b"0;" + b"a" * 9000 + b"\r\n\r\n"]]


def answers(request):
    with socket.create_connection(("127.0.0.1", PORT), timeout=5) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        try:
            return b"".join(iter(lambda: client.recv(65536), b""))
        except ConnectionResetError:
            return b""


for variant in VARIANTS:
    answer = answers(variant)
    assert b"nothing at this path" not in answer, (variant, answer)
    assert answer.count(b"HTTP/1.1 ") <= 1, (variant, answer)
    assert not answer.startswith(b"HTTP/1.1 2"), (variant, answer)
metrics = urllib.request.urlopen(f"http://127.0.0.1:{UPSTREAM}/metrics", timeout=10).read().decode()
assert 'requests_total{code="5' not in metrics
print(f"framing{' behind a proxy' if UPSTREAM != PORT else ''}: {len(VARIANTS)} variants, no hidden request answered")
