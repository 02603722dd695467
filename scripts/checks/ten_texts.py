"""Ten texts of the kinds that people have, made the same way each time; used by scripts/checks/ten-texts.

    ten_texts.py make FOLDER      writes them
    ten_texts.py form KIND        reads generated text from standard input, prints the share of well-formed lines

The texts come from small grammars with a fixed seed, so that the check needs no network and no foreign text.
"""
import os
import random
import re
import sys

FIRST = "Anna Ben Carla David Emil Fatima Greta Hugo Ines Jonas Karim Lena Milan Nora Otto Petra Quentin Rosa Samir Tilda".split()
LAST = "Abel Brandt Castell Dorn Ebner Fuchs Gruber Hahn Ibsen Jung Keller Lorenz Marten Nagel Olsen Pohl Richter Sanders".split()
NOUN = "river garden winter letter window lantern harbour meadow violin orchard shadow village morning traveller".split()
VERB = "waits sings falls returns remembers forgets burns wanders sleeps answers".split()
ADJ = "old quiet golden narrow bitter distant tender hollow pale restless".split()
RU_WHO = "старик|девушка|капитан|учитель|мальчик|княгиня|доктор|сосед".split("|")
RU_DO = "молчал|смотрел в окно|писал письмо|вспоминал лето|шёл по улице|ждал ответа|улыбался|слушал дождь".split("|")
RU_WHEN = "Вечером|Утром|Зимой|Однажды|Потом|На другой день|После обеда".split("|")
EMOJI = ["😀", "🎉", "☕", "👩‍💻", "🇩🇪", "❤️", "🚀", "🤷🏽"]


def chat(r):
    when = 8 * 60
    for _ in range(4000):
        when = (when + r.randrange(4)) % (24 * 60)
        yield f"[{when // 60:02}:{when % 60:02}] {r.choice(FIRST[:6])}: the {r.choice(ADJ)} {r.choice(NOUN)} {r.choice(VERB)}{r.choice(['.', '?', ' :)'])}\n"


def names(r):
    for _ in range(9000):
        yield f"{r.choice(FIRST)} {r.choice(LAST)}\n"


def code(r):
    for i in range(2500):
        a, b = r.choice(NOUN), r.choice(NOUN)
        yield f"def {a}_{b}(x, y={i % 10}):\n\tif x > y:\n\t\treturn {a}(x - 1)\n\treturn [{b} for {b} in range(y)]\n\n"


def poems(r):
    for _ in range(2500):
        a, b = r.choice(NOUN), r.choice(NOUN)
        yield f"The {r.choice(ADJ)} {a} {r.choice(VERB)},\r\nthe {b} {r.choice(VERB)} too;\r\nand nobody {r.choice(VERB)}\r\nbut the {r.choice(NOUN)} and you.\r\n\r\n"


def tweets(r):
    for _ in range(5000):
        yield f"{r.choice(ADJ)} {r.choice(NOUN)} {r.choice(EMOJI)}{r.choice(EMOJI)} #{r.choice(NOUN)} @{r.choice(FIRST).lower()}\n"


def table(r):
    yield "id,name,city,amount\n"
    for i in range(7000):
        yield f'{1000 + i},"{r.choice(LAST)}, {r.choice(FIRST)}",{r.choice(NOUN).title()},{r.randrange(100000) / 100:.2f}\n'


def fasta(r):
    for i in range(700):
        yield f">seq{i:05} sample\n"
        line = "".join(r.choice(["ACG", "TTA", "GGC", "CAT", "ATG"]) for _ in range(80))
        for at in range(0, len(line), 60):
            yield line[at:at + 60] + "\n"


def novel(r):
    for _ in range(1200):
        yield " ".join(f"{r.choice(RU_WHEN)} {r.choice(RU_WHO)} {r.choice(RU_DO)}." for _ in range(4)) + "\n\n"


def make(folder):
    kinds = {"chat": chat, "names": names, "code": code, "poems": poems, "tweets": tweets, "table": table,
             "fasta": fasta, "novel": novel}
    files = {"chat": "chat.log", "names": "names.txt", "code": "code.py", "poems": "poems.txt", "tweets": "tweets.txt",
             "table": "table.csv", "fasta": "genes.fa", "novel": "roman.txt"}
    for kind, grammar in kinds.items():
        with open(f"{folder}/{files[kind]}", "w", encoding="utf-8", newline="") as out:
            out.writelines(grammar(random.Random(kind)))
    with open(f"{folder}/editor.txt", "w", encoding="utf-16", newline="") as out:
        out.writelines(line.replace("\n", "\r\n") for line in chat(random.Random("editor")))
    os.makedirs(f"{folder}/library/more")
    for i in range(3):
        with open(f"{folder}/library/book{i}.txt", "w", encoding="utf-8") as out:
            out.writelines(list(chat(random.Random(i)))[:1500])
    os.symlink("../book0.txt", f"{folder}/library/more/again.txt")
    os.symlink("..", f"{folder}/library/more/round")


CHAT = r"\[\d\d:\d\d\] [A-Z][a-z]+: the [a-z]+ [a-z]+ [a-z]+(\.|\?| :\))"
FORMS = {
    "chat": CHAT, "editor": CHAT, "library": CHAT,
    "names": r"[A-Z][a-z]+ [A-Z][a-z]+",
    "code": r"|def [a-z]+_[a-z]+\(x, y=\d\):|\tif x > y:|\t\treturn [a-z]+\(x - 1\)|\treturn \[[a-z]+ for [a-z]+ in range\(y\)\]",
    "poems": r"|The [a-z]+ [a-z]+ [a-z]+,|the [a-z]+ [a-z]+ too;|and nobody [a-z]+|but the [a-z]+ and you\.",
    "tweets": r"[a-z]+ [a-z]+ [^ a-z#@]+ #[a-z]+ @[a-z]+",
    "table": r'\d{4},"[A-Z][a-z]+, [A-Z][a-z]+",[A-Z][a-z]+,\d{1,3}\.\d\d',
    "fasta": r">seq\d{5} sample|[ACGT]{60}",
    "novel": r"|([А-ЯЁ][а-яё ]+\. ?){4}",
}


def form(kind):
    lines = sys.stdin.buffer.read().decode("utf-8").split("\n")[1:-1]  # the first and the last may be cut
    good = sum(re.fullmatch(FORMS[kind], line) is not None for line in lines)
    print(f"{good} of {len(lines)}")


if __name__ == "__main__":
    {"make": make, "form": form}[sys.argv[1]](sys.argv[2])
