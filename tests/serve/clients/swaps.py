"""The same seed while the weights change: python swaps.py COUNT COMMAND... (a training that serves on PORT)

Long texts of one seed begin at times of their own, beside other clients' texts, while a training
publishes new weights. Those that began with the same weights have to be equal, though the weights
changed at other characters of each.
"""
import collections
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time

COUNT = max(20, int(sys.argv[1]))
PORT = 10000 + os.getpid() % 20000
TOKENS = 10_000


def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("GET", path)
    return json.loads(connection.getresponse().read())


def step():
    return get("/v1/models/charrnn")["meta"]["step"]


def ask(tokens, seed):
    """The text, and the steps of the weights that its events name."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    fields = {"prompt": "The", "max_tokens": tokens, "seed": seed, "stream": True}
    connection.request("POST", "/v1/completions", json.dumps(fields), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status == 429:
        return None, None
    assert answer.status == 200, answer.read()
    events = [event[6:] for event in answer.read().decode().split("\n\n") if event.startswith("data: {")]
    events = [json.loads(event) for event in events]
    choices = [choice for event in events for choice in event["choices"]]
    assert choices[-1]["finish_reason"] == "length", choices[-1]
    return "".join(choice["text"] for choice in choices), {event["system_fingerprint"] for event in events}


def neighbour(ended):
    while not ended.is_set():
        ask(random.randrange(1, 400), random.randrange(2, 10**6))
        time.sleep(random.random() / 10)


def same_seed(texts, outlived, lock, ended):
    while not ended.is_set():
        time.sleep(random.random() / 5)
        text, fingerprints = ask(TOKENS, 1)
        if text is None:
            continue
        now = f"fp_{step()}"
        assert len(fingerprints) == 1, "a text of several weights"
        fingerprint = fingerprints.pop()
        with lock:
            texts[fingerprint].append(text)
            outlived.append(now != fingerprint)
            if sum(map(len, texts.values())) >= COUNT:
                ended.set()


def run(texts, outlived):
    lock, ended, failures = threading.Lock(), threading.Event(), []

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except Exception as failure:
            failures.append(failure)
            ended.set()
    threads = [threading.Thread(target=guarded, args=(same_seed, texts, outlived, lock, ended)) for _ in range(16)]
    threads += [threading.Thread(target=guarded, args=(neighbour, ended)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


server = subprocess.Popen([part.replace("PORT", str(PORT)) for part in sys.argv[2:]],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    until = time.monotonic() + 20
    while True:
        try:
            step()
            break
        except OSError:
            assert time.monotonic() < until, "the server does not come up"
            time.sleep(0.05)
    texts, outlived = collections.defaultdict(list), []
    run(texts, outlived)
    assert server.poll() is None, "the training ended too early"
finally:
    server.terminate()
    server.wait(timeout=60)
for fingerprint, equal in texts.items():
    assert len(set(equal)) == 1, f"other texts of the weights {fingerprint}"
compared = sum(len(equal) for equal in texts.values() if len(equal) > 1)
assert len(set(equal[0] for equal in texts.values())) > 1, "the weights never changed"
assert compared >= COUNT / 2, f"only {compared} texts could be compared"
print(f"the same seed across weights: {sum(map(len, texts.values()))} texts of {TOKENS} characters from {len(texts)} "
      f"weights, {compared} of them beside another of the same weights, all equal; "
      f"{sum(outlived)} ended after newer weights had come")
