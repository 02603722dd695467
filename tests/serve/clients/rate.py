"""Characters a second of a running endpoint: python rate.py PORT STREAMS CHARACTERS [SHARE]

Reads every 10 ms, so that measuring takes little of the cores. With SHARE it also tells the slowest
stream's share of the mean: each stream's rate over the mean rate, when the first one ends.
"""
import json
import socket
import sys
import time

port, streams, characters = (int(argument) for argument in sys.argv[1:4])
clients = []
for seed in range(streams):
    client = socket.create_connection(("127.0.0.1", port))
    client.setblocking(False)
    clients.append(client)
begin = time.monotonic()
for seed, client in enumerate(clients):
    client.sendall((json.dumps({"prompt": "", "max_tokens": characters, "seed": seed}) + "\n").encode())
first = None
made = [0] * streams
ended = [False] * streams
shares = None
while not all(ended):
    time.sleep(0.01)
    for i, client in enumerate(clients):
        if ended[i]:
            continue
        try:
            data = client.recv(1 << 20)
        except BlockingIOError:
            continue
        first = first or time.monotonic() - begin
        made[i] += data.count(b"\n")
        ended[i] = b"finish_reason" in data or not data
        if ended[i] and shares is None:
            shares = min(made) * streams / sum(made)
seconds = time.monotonic() - begin
print(f"{streams} streams: {streams * characters / seconds:.0f} characters/s; "
      f"slowest stream over the mean when the first ended: {shares:.3f}")
