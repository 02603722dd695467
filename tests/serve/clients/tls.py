"""Python's ssl against an endpoint behind a certificate: python tls.py PORT CERTIFICATE"""
import http.client
import json
import socket
import ssl
import sys

PORT = int(sys.argv[1])
CONTEXT = ssl.create_default_context(cafile=sys.argv[2])
LINE = {"prompt": "", "max_tokens": 50, "seed": 3}


def read_all(client):
    return b"".join(iter(lambda: client.recv(65536), b""))


def connect(context=CONTEXT):
    return context.wrap_socket(socket.create_connection(("127.0.0.1", PORT), timeout=20), server_hostname="localhost")


def over_http(stream):
    client = http.client.HTTPSConnection("localhost", PORT, context=CONTEXT, timeout=20)
    client.request("POST", "/v1/completions", json.dumps(LINE | {"model": "charrnn", "stream": stream}),
                   {"Content-Type": "application/json"})
    return client.getresponse().read().decode()


def both_protocols_give_one_text():
    with connect() as client:
        client.sendall(json.dumps(LINE).encode() + b"\n")
        parts = []
        with client.makefile() as lines:
            while "finish_reason" not in (parts[-1] if parts else {}):
                parts.append(json.loads(lines.readline()))
    text = "".join(part.get("text", "") for part in parts)
    assert len(text) == 50
    assert json.loads(over_http(False))["choices"][0]["text"] == text
    events = [event[6:] for event in over_http(True).split("\n\n") if event.startswith("data: {")]
    assert "".join(json.loads(event)["choices"][0]["text"] for event in events) == text


def a_prompt_line_is_answered_to_the_end():
    with connect() as client:
        client.sendall(b"\n")
        assert len(read_all(client).decode()) >= 100
        # The end was the server's word, not a cut.
        assert client.recv(1) == b""


def another_certificate_authority_is_not_believed():
    try:
        connect(ssl.create_default_context())
        raise AssertionError("anybody's certificate was believed")
    except ssl.SSLCertVerificationError:
        pass


def plain_clients_are_told():
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as client:
        client.sendall(b"The\n")
        assert read_all(client).startswith(b"error: this port speaks TLS")
    plain = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    plain.request("GET", "/health")
    assert plain.getresponse().status == 400


for check in [both_protocols_give_one_text, a_prompt_line_is_answered_to_the_end,
              another_certificate_authority_is_not_believed, plain_clients_are_told]:
    check()
    print(f"ssl: {check.__name__.replace('_', ' ')}: ok")
