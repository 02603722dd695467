"""Rough clients against a running endpoint: python attacks.py PORT [SCALE]

SCALE 1 runs the figures that are used before a release; 0.1 takes a tenth of them.
"""
import json
import random
import socket
import struct
import sys
import threading
import time
import urllib.request

PORT = int(sys.argv[1])
SCALE = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0


def connect(receive_buffer=None):
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(60)
    client.connect(("127.0.0.1", PORT))
    return client


def line(prompt, tokens, seed):
    return (json.dumps({"prompt": prompt, "max_tokens": tokens, "seed": seed}) + "\n").encode()


def ask(prompt, tokens, seed):
    with connect() as client:
        client.sendall(line(prompt, tokens, seed))
        client.shutdown(socket.SHUT_WR)
        data = b"".join(iter(lambda: client.recv(65536), b""))
    objects = [json.loads(part) for part in data.splitlines()]
    return "".join(part.get("text", "") for part in objects), objects[-1] if objects else {}


def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=20) as answer:
        return json.load(answer)


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def live_within(count, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if get("/props")["live"] + get("/props")["queued"] <= count:
            return True
        time.sleep(0.005)
    return False


ALPHABET = get("/v1/models/charrnn")["meta"]["alphabet"]
LETTERS = [c for c in ALPHABET if c.isalpha()]
PROMPT = "".join(LETTERS[:6])


# Those that never read hold all places until their texts pause, and then the queued ones do.
LONGEST_WAIT = 30


def watch_parked(most, ended):
    while not ended.wait(0.02):
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics", timeout=20) as answer:
            lines = answer.read().decode().splitlines()
        most[0] = max([most[0]] + [int(line.split()[1]) for line in lines if line.startswith("charrnn_requests_parked ")])


def in_threads(count, work):
    results = [None] * count

    def run(i):
        results[i] = work(i)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def same_seed_at_any_load():
    expected = ask(PROMPT, 100, 42)[0]
    done = 0
    while done < 500 * SCALE:
        load = random.choice([1, 4, 16, 64])
        texts = in_threads(load, lambda i: ask(PROMPT, 100, 42)[0] if i % 2 == 0 else ask(LETTERS[i % len(LETTERS)], 150, i))
        for text in texts[::2]:
            assert text == expected, "another text for the same seed"
            done += 1
    return f"{done} equal texts"


def clients_that_left_free_their_rows():
    worst = 0.0
    for i in range(int(1000 * SCALE)):
        client = connect()
        client.sendall(line(PROMPT, 100_000, i))
        client.recv(10)
        if i % 2:
            reset(client)
        else:
            client.close()
        begin = time.monotonic()
        assert live_within(0, 2), "a row is still taken"
        worst = max(worst, time.monotonic() - begin)
        assert worst <= 0.1, f"a row was free after {1000 * worst:.0f} ms only"
    return f"slowest {1000 * worst:.0f} ms"


def clients_that_never_read_hold_up_nobody():
    limits = get("/props")["limits"]
    clients = [connect(4096) for _ in range(int(500 * SCALE) or 1)]
    accepted = min(len(clients), limits["live"] + limits["queued"])
    for i, client in enumerate(clients):
        client.sendall(line(PROMPT, 100_000, i))
    begin, most, ended = time.monotonic(), [0], threading.Event()
    watch = threading.Thread(target=watch_parked, args=(most, ended))
    watch.start()
    try:
        while ask(PROMPT, 10, 1)[1].get("finish_reason") is None:
            assert time.monotonic() - begin < LONGEST_WAIT, "nobody else gets a text"
            time.sleep(0.05)
        waited = time.monotonic() - begin
        assert waited < LONGEST_WAIT, f"another text came after {waited:.1f} s"
        while most[0] < accepted // 2:
            assert time.monotonic() - begin < LONGEST_WAIT, f"only {most[0]} texts ever paused"
            time.sleep(0.05)
    finally:
        ended.set()
        watch.join()
    for client in clients:
        reset(client)
    assert live_within(0, 10)
    return f"{len(clients)} of them; another text after {waited:.1f} s; up to {most[0]} had paused and given up their places"


def silent_connections_cost_little():
    clients = [connect() for _ in range(int(1000 * SCALE))]
    half = [connect() for _ in range(int(200 * SCALE))]
    for client in half:
        client.sendall(b"half a li")
    slowest = 0.0
    for i in range(20):
        begin = time.monotonic()
        ask(PROMPT, 1, i)
        slowest = max(slowest, time.monotonic() - begin)
    for client in clients + half:
        client.close()
    return f"{len(clients) + len(half)} of them; slowest answer beside them {1000 * slowest:.0f} ms"


for check in [same_seed_at_any_load, clients_that_left_free_their_rows, silent_connections_cost_little,
              clients_that_never_read_hold_up_nobody]:
    print(f"{check.__name__.replace('_', ' ')}: {check()}", flush=True)
