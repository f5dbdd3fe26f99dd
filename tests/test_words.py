"""Plain English: comments, docstrings and messages of the package do without words that make a reader stop."""

import io
import re
import tokenize
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "autograd_lite"
FILES = sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".pyi", ".js", ".css", ".html", ".tsv"))

# Each with a plainer way to write it. The last three find "for" in the sense of "because".
BANNED = {
    r"\bwhoever": "every caller that",
    r"\b(?:nobody|anybody|everybody)": "no node, any reader",
    r"\btold": "named, shown, given",
    r"\bsaid": "named, written, shown",
    r"\bfor (?:want|lack) of": "without",
    r'(?<=""")(?:return|yield|write|draw|give|grade|follow|walk) what': "a noun: return the name of …",
    r"; (?:return|yield|write|draw|give)s? what": "a noun: return the numbers that …",
    r"[,;] for (?:it|they|he|she|we|there|nothing) \w+": "because",
    r"[,;] for (?:a|an|the|its|their|each|all) [\w' ]{1,30} (?:is|are|was|has|have|may|can|could|need)": "because",
    r"[,;] for \w+ (?:is|are|was|has|have|may|can|could|need|keeps|looks)": "because",
}
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|<!--.*?-->", re.DOTALL)


def prose(path: Path) -> str:
    """Return the comments and strings of Python, the comments of JavaScript and CSS, the whole text of HTML."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".py", ".pyi"):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
        found = [token.string for token in tokens if token.type in kinds]
    else:
        found = [text] if path.suffix in (".html", ".tsv") else COMMENT.findall(text)
    text = "\n".join(found)
    for _ in range(2):  # what stands in braces of an f-string is code
        text = re.sub(r"\{[^{}]*\}", "…", text)
    return re.sub(r"\s*\n[\s#/*]*", " ", text)  # a phrase may continue on the next line


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_words_that_make_a_reader_stop(path: Path) -> None:
    text = prose(path)
    found = [
        f"{text[max(hit.start() - 60, 0) : hit.end() + 30]!r}: better {better}"
        for words, better in BANNED.items()
        for hit in re.finditer(rf"(?:{words})\b", text, flags=re.IGNORECASE)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    ["Whoever reads it", "nobody asks", "this is said below", '"""Return what a net is"""', "kept, for it is shared",
     "asked first, for C is quick", "left out, for a partial may forget it"],
)  # fmt: skip
def test_the_words_are_found(text: str) -> None:
    assert any(re.search(rf"(?:{words})\b", text, flags=re.IGNORECASE) for words in BANNED)
