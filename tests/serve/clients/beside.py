"""Another client's answers while COMMAND attacks: python beside.py PORT COMMAND...

Asks for one character again and again, first alone and then until COMMAND has ended. Every answer has
to come; 99 % of them as soon as twice the time without the attack, or within 10 ms.
"""
import json
import socket
import subprocess
import sys
import time

PORT = int(sys.argv[1])
REQUEST = b'{"prompt": "", "max_tokens": 1, "seed": 1}\n'
ENOUGH = 0.01


def ask():
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", PORT), timeout=5) as client:
        client.sendall(REQUEST)
        first = client.recv(1000)
        took = time.monotonic() - begin
        client.shutdown(socket.SHUT_WR)
        answer = first + b"".join(iter(lambda: client.recv(1000), b""))
    assert "finish_reason" in json.loads(answer.splitlines()[-1]), answer
    time.sleep(0.01)
    return took


def p99(times):
    return sorted(times)[len(times) * 99 // 100]


alone = p99([ask() for _ in range(300)])
attack = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
times = []
while attack.poll() is None:
    times.append(ask())
available = [line for line in attack.stdout.read().splitlines() if "service available" in line]
beside = p99(times)
assert attack.returncode == 0 and available and "YES" in available[-1], (attack.returncode, available)
assert beside <= max(ENOUGH, 2 * alone), f"p99 {1000 * beside:.1f} ms, alone {1000 * alone:.1f} ms"
print(f"{len(times)} answers beside it, first bytes p99 {1000 * beside:.1f} ms (alone {1000 * alone:.1f} ms)")
