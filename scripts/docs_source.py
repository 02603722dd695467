"""Gathers the pages of the site: docs_source.py FOLDER. docs/ and the files of the root come into one folder, so links between them lose
the way up or down; links to sources, which the site has not, become code. The page of the keys is made from configs/reference.ini."""
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
PLAIN = ["LICENSE", "NOTICE"]


def moved(text, names):
    """The text with its links as they are in one folder; README.md is the first page there."""

    def link(match):
        label, target = match[1], match[2]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        file, _, anchor = target.partition("#")
        name = re.sub(r"^(\.\./|\./)*(docs/)?", "", file)
        name = {"README.md": "index.md", "configs/reference.ini": "keys.md"}.get(name, name)
        if name not in names:
            return label if label.startswith("`") else f"`{name}`" if label == name else f"{label} (`{name}`)"
        return f"[{label}]({name}{'#' + anchor if anchor else ''})"

    return re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", link, text)


def keys_page(ini):
    """A chapter for each section and an entry for each key, from the commented file with all of them."""
    lines = ["# Keys", ""]
    head, *blocks = ini.split("\n\n")
    lines += [re.sub("^# ?", "", line) for line in head.splitlines()] + [""]
    section = ""
    for block in blocks:
        comments = [line[2:] for line in block.splitlines() if line.startswith("# ")]
        rest = [line for line in block.splitlines() if not line.startswith("#")]
        if rest and rest[0].startswith("["):
            section = rest[0].strip("[]")
            lines += [f"## {section}", "", ". ".join(comments).capitalize() + ".", ""]
        elif rest:
            key, _, value = rest[0].partition(" =")
            default = f"`{value.strip()}`" if value.strip() else "none"
            allowed = f" Values: {comments[1]}." if len(comments) > 1 else ""
            lines += [f"**`{section}.{key}`** (default: {default})", f":   {comments[0][0].upper()}{comments[0][1:]}.{allowed}", ""]
    return "\n".join(lines)


def main(folder):
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("*.py"))
    for name in PAGES + PLAIN:
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "README.md", folder / "index.md")
    (folder / "README.md").unlink()
    (folder / "keys.md").write_text(keys_page((ROOT / "configs/reference.ini").read_text()))
    names = {str(file.relative_to(folder)) for file in folder.rglob("*")}
    for page in folder.glob("*.md"):
        page.write_text(moved(page.read_text(), names))


if __name__ == "__main__":
    main(sys.argv[1])
