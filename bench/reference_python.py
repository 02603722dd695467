"""The interpreter that the reference program runs in."""
import functools, pathlib, subprocess


@functools.cache
def reference_python():
    """Its path, as scripts/reference-venv prints it, which makes the environment the first time."""
    script = pathlib.Path(__file__).resolve().parent.parent / "scripts/reference-venv"
    return subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
