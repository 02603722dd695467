"""Runs the commands of the tutorial in a folder with a text of its own: run_tutorial.py PROGRAM TUTORIAL TEXT

A block of `first terminal` is started and stays, until the comment `Ctrl-C`. The training run has
two seconds in place of five minutes, and the port is a free one."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

program, tutorial, text = map(pathlib.Path, sys.argv[1:4])


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


PORT = free_port()
# What a machine without netcat understands by its name.
NETCAT = 'command -v nc >/dev/null || nc() { exec 3<>"/dev/tcp/$1/$2"; cat >&3; cat <&3; }\n'


def asked(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}") as answer:
        return answer.read()


def ready():
    try:
        return asked("/ready")
    except urllib.error.URLError:
        return False


def trained():
    try:
        return json.loads(asked("/run/status"))["stage"] == "finished"
    except urllib.error.HTTPError:
        return True  # it only serves


def wait_until(condition, process):
    for _ in range(600):
        assert process.poll() is None, "the first terminal's command ended"
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"not {condition.__name__} after a minute")


class Reader:
    """Somebody who types the tutorial's commands."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "CHARRNN_SERVE_PORT": PORT}
        self.first_terminal = None

    def start(self, command):
        assert self.first_terminal is None, "the first terminal is busy"
        self.first_terminal = subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.folder, env=self.environment)
        wait_until(ready, self.first_terminal)

    def stop(self):
        """As somebody does who has waited for the end of the training run."""
        wait_until(trained, self.first_terminal)
        self.first_terminal.send_signal(signal.SIGINT)
        assert self.first_terminal.wait(timeout=60) == 0, "Ctrl-C ended it with an error"
        self.first_terminal = None

    def type(self, commands):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", NETCAT + commands], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=120)
        print(commands + done.stdout + done.stderr)
        assert done.returncode == 0, commands
        assert done.stdout or done.stderr, f"{commands} says nothing"


def main():
    blocks = re.findall(r"^<!-- (Ctrl-C) -->$|^```bash( title=\"first terminal\")?\n(.*?)^```", tutorial.read_text(), re.M | re.S)
    assert len(blocks) >= 9, "the tutorial has lost its commands"
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "bin").mkdir()
        (pathlib.Path(folder) / "bin/charrnn_pipeline").symlink_to(program.resolve())
        shutil.copy(text, pathlib.Path(folder) / "book.txt")
        reader = Reader(folder)
        try:
            for ctrl_c, terminal, commands in blocks:
                commands = commands.replace("5m", "2s").replace("7707", PORT)
                if ctrl_c:
                    reader.stop()
                elif terminal:
                    reader.start(commands.strip())
                else:
                    reader.type(commands)
        finally:
            if reader.first_terminal:
                reader.first_terminal.kill()


main()
