"""SIGTERM with 16 live streams: python stops.py TIMES COMMAND... (a server that prints its port, or PORT in the command)"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

TIMES = int(sys.argv[1])
slowest = 0.0
for turn in range(TIMES):
    port = 10000 + (os.getpid() * 7 + turn) % 20000
    server = subprocess.Popen([part.replace("PORT", str(port)) for part in sys.argv[2:]],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    clients = []
    until = time.monotonic() + 20
    while len(clients) < 16:
        try:
            client = socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            assert time.monotonic() < until, "the server does not come up"
            time.sleep(0.02)
            continue
        client.sendall((json.dumps({"prompt": "", "max_tokens": 100_000, "seed": turn}) + "\n").encode())
        clients.append(client)
    ends = [None] * len(clients)

    def read(i):
        ends[i] = b"".join(iter(lambda: clients[i].recv(65536), b""))
    readers = [threading.Thread(target=read, args=(i,)) for i in range(len(clients))]
    for reader in readers:
        reader.start()
    time.sleep(0.2)
    begin = time.monotonic()
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=60) == 0, "another exit status than 0"
    slowest = max(slowest, time.monotonic() - begin)
    for reader in readers:
        reader.join()
    for end in ends:
        last = json.loads(end.splitlines()[-1])
        assert "finish_reason" in last or last["error"]["code"] == "shutting_down", last
print(f"{TIMES} stops with 16 live streams: every stream told its end, status 0, slowest {slowest:.1f} s")
