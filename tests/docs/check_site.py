"""Every page of the site that mkdocs.yml names is there, and each link of a page leads to one: check_site.py FOLDER

scripts/docs builds the site itself, with mkdocs from PyPI; this needs Python alone."""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
folder = pathlib.Path(sys.argv[1])
subprocess.run([sys.executable, root / "scripts/docs_source.py", folder], check=True)
pages = re.findall(r": (\S+\.md)$", (root / "mkdocs.yml").read_text(), re.M)
assert len(pages) > 20, "mkdocs.yml names few pages"
lost = [page for page in pages if not (folder / page).exists()]
lost += [f"{page.name} is not in mkdocs.yml" for page in folder.glob("*.md") if page.name not in pages]
for page in folder.glob("*.md"):
    for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.S)):
        if not re.match(r"[a-z]+:", target) and not (folder / target).exists():
            lost.append(f"{page.name} links to {target}")
keys = (folder / "keys.md").read_text()
named = re.findall(r"^([a-z_0-9]+) =", (root / "configs/reference.ini").read_text(), re.M)
lost += [f"keys.md has no {key}" for key in named if f".{key}`**" not in keys]
assert not lost, "\n".join(lost)
