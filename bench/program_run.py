"""Runs of charrnn_pipeline that are measured."""
import os, pathlib, re, signal, subprocess, sys, tempfile, time


class Program:
    """One run of the program: its output, time, peak memory, MB from disk and, if `resident`, its memory every half second."""

    def __init__(self, build, arguments, resident=False):
        self.out, self.err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        self.words = [str(build / "charrnn_pipeline"), *map(str, arguments)]
        self.begin = self.loaded = time.monotonic()
        self.process = subprocess.Popen(self.words, stdout=self.out, stderr=self.err)
        self.resident, self.samples = resident, []

    def alive(self):
        """Looks whether it still runs, and notes its memory."""
        if self.resident and (not self.samples or time.monotonic() - self.samples[-1][0] > 0.5):
            try:
                status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
                found = re.search(r"VmRSS:\s+(\d+)", status)
                if found:
                    self.samples.append((time.monotonic(), int(found[1]) / 1024))
            except OSError:
                pass
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if pid == 0:
            return True
        self.end(status, usage)
        return False

    def end(self, status, usage):
        self.seconds, self.seconds_loaded = time.monotonic() - self.begin, time.monotonic() - self.loaded
        self.code = os.waitstatus_to_exitcode(status)
        self.process.returncode = self.code
        self.peak = usage.ru_maxrss / 1024
        self.processor = usage.ru_utime + usage.ru_stime
        self.read_mb = usage.ru_inblock * 512 / 1e6  # from disk
        self.out.seek(0), self.err.seek(0)
        self.text, self.messages = self.out.read(), self.err.read()

    def wait_loaded(self):
        """Until the libraries are loaded: main() starts its first thread then."""
        threads = pathlib.Path(f"/proc/{self.process.pid}/task")
        while len(list(threads.iterdir())) == 1:
            time.sleep(0.0005)
        self.loaded = time.monotonic()
        return self

    def wait(self, expected=0):
        if self.resident:
            while self.alive():
                time.sleep(0.02)
        else:
            _, status, usage = os.wait4(self.process.pid, 0)
            self.end(status, usage)
        if self.code != expected:
            sys.exit(f"exit code {self.code}: {' '.join(self.words)}\n{self.text}{self.messages}")
        return self

    def kill(self, number):
        os.kill(self.process.pid, number)
        return self.wait(-number if number == signal.SIGKILL else 0)
