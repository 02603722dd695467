"""Ten times as many clients as there are places, all the time: python overload.py PORT SECONDS

Each asks again as soon as its text has come, or a little after it was refused; every other one speaks
HTTP. Every answer is a whole text or a refusal that says when to come again. How soon a refusal comes
is measured by a process of its own, since thousands of clients in one process are slow themselves.
"""
import asyncio
import collections
import json
import multiprocessing
import random
import resource
import socket
import sys
import threading
import time
import urllib.request

PORT = int(sys.argv[1])
SECONDS = max(10.0, float(sys.argv[2]))
TOKENS = 3000
REFUSAL_BOUND = 0.05


def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=20) as answer:
        return json.load(answer)


def plain(seed):
    return json.dumps({"prompt": "", "max_tokens": TOKENS, "seed": seed}).encode() + b"\n"


def http(seed):
    body = json.dumps({"prompt": "", "max_tokens": TOKENS, "seed": seed, "stream": True}).encode()
    return (b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)


def outcome(data, over_http):
    if not over_http:
        last = json.loads(data.splitlines()[-1]) if data.endswith(b"\n") else {}
        if "finish_reason" in last:
            return "served"
        return "refused" if last.get("error", {}).get("code") == "overloaded" else repr(data[-200:])
    head = data.partition(b"\r\n\r\n")[0]
    if head.startswith(b"HTTP/1.1 429 ") and b"\r\nRetry-After: " in head and data.endswith(b"}"):
        return "refused"
    whole = head.startswith(b"HTTP/1.1 200 ") and b'"finish_reason":"length"' in data and b"data: [DONE]" in data
    return "served" if whole else repr(data[-200:])


async def ask(over_http, seed):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    try:
        writer.write(http(seed) if over_http else plain(seed))
        if not over_http:
            writer.write_eof()
        return outcome(await reader.read(), over_http)
    except OSError as error:
        return repr(error)
    finally:
        writer.close()


async def client(number, until, outcomes):
    random.seed(number)
    await asyncio.sleep(random.random())
    while time.monotonic() < until:
        result = await ask(number % 2 == 0, number)
        outcomes[result] += 1
        if result != "served":
            await asyncio.sleep(random.uniform(1, 3))


async def clients(count):
    outcomes = collections.Counter()
    until = time.monotonic() + SECONDS
    await asyncio.gather(*[client(i, until, outcomes) for i in range(count)])
    return outcomes


def time_refusals(stop, times):
    while not stop.wait(0.1):
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", PORT), timeout=60) as client:
            client.sendall(plain(1))
            if b"overloaded" in client.recv(300):
                times.append(time.monotonic() - begin)


def probe(stop, results):
    times = []
    threads = [threading.Thread(target=time_refusals, args=(stop, times)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(sorted(times))


limits = get("/props")["limits"]
count = 10 * (limits["live"] + limits["queued"])
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
assert hard > count + 100, f"{count} clients need more descriptors than {hard}"
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
stop, results = multiprocessing.Event(), multiprocessing.Queue()
prober = multiprocessing.Process(target=probe, args=(stop, results))
prober.start()
outcomes = asyncio.run(clients(count))
stop.set()
times = results.get()
prober.join()

served, refused = outcomes.pop("served", 0), outcomes.pop("refused", 0)
assert not outcomes, f"neither served nor refused: {outcomes.most_common(5)}"
assert refused and served and times, f"this was no overload: {served} texts, {refused} refusals, {len(times)} timed"
p99 = times[min(len(times) - 1, len(times) * 99 // 100)]
print(f"overload: {count} clients for {SECONDS:.0f} s: {served} texts, {refused} refusals, nothing else; "
      f"a refusal takes {1000 * times[len(times) // 2]:.1f} ms (p99 {1000 * p99:.1f} ms of {len(times)})")
assert p99 <= REFUSAL_BOUND, "refusals take too long"
until = time.monotonic() + 10
while get("/props")["live"] + get("/props")["queued"] > 0:
    assert time.monotonic() < until, "a row is still taken"
    time.sleep(0.05)
