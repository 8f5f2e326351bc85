"""Every sentence is in the catalogue and in every language, with the same fields and the glossary's words."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog

from tests.homes import CHECKOUT
from tests.tools import glossary, messages, translations
from toolchains.text import Text, _, _n, use_language

_RENEW = "run: python3 studio.py messages"


def test_the_catalogue_is_up_to_date() -> None:
    stale = [
        path.relative_to(CHECKOUT).as_posix()
        for path, content in messages.files()
        if not path.is_file() or path.read_bytes() != content
    ]
    assert not stale, f"{', '.join(stale)}: {_RENEW}"


@pytest.mark.parametrize("language", messages.languages())
def test_translations_fill_in_the_same_fields(language: str) -> None:
    assert list(messages.faults(language)) == []


def test_english_is_complete() -> None:
    english = messages.updated(messages.ENGLISH, messages.template())
    assert [m.id for m in english if m.id and m.string != m.id] == []


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    lacking = [str(message.id) for message in translations.missing(language)]
    assert lacking == [], (
        f"{language}: {len(lacking)} sentences have no translation, or a fuzzy one. Run: python3 studio.py messages"
        " --missing work.json, fill in what is empty there, then: python3 studio.py messages --merge work.json"
    )


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_translations_use_the_words_of_the_glossary(language: str) -> None:
    catalog = messages.updated(language, messages.template())
    assert [fault for message in catalog if message.id for fault in glossary.faults_of(message, language)] == []


def test_terms_are_found_in_prose_only() -> None:
    def found(sentence: str) -> list[str]:
        return [term.english for term in glossary.terms_of(sentence)]

    assert found("Native modules need a newer firmware.") == ["native module", "firmware"]
    assert found("{board}: natmod boards --board PORT; board.py /board [module] FILE a.file:1 boardwalk") == []
    assert found("Libraries and a library: two files.") == ["library", "file"]


@pytest.mark.parametrize(("language", "letters"), [("zh_CN", "gb2312"), ("zh_TW", "cp950")])
def test_chinese_has_the_characters_of_its_own_script_only(language: str, letters: str) -> None:
    """Taiwan's code page lacks the simplified characters, the mainland's lacks the traditional ones."""
    catalog = messages.updated(language, messages.template())
    texts = [text for message in catalog if message.id and message.id != "English" for text in messages.forms(message)]
    assert [text for text in texts if text.encode(letters, "replace").count(b"?") > text.count("?")] == []


def test_french_has_spaces_that_do_not_break_before_its_stops_and_units() -> None:
    catalog = messages.updated("fr", messages.template())
    texts = [text for message in catalog if message.id for text in messages.forms(message)]
    assert [text for text in texts if text != translations.typeset("fr", text)] == []
    assert translations.typeset("fr", "« a » : 3 ko ; oui ?") == "«~a~»~: 3~ko~; oui~?".replace("~", "\xa0")


def test_what_is_missing_can_be_filled_in_and_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    today = Catalog()
    today.add("old", locations=[("a.py", 0)])
    today.add("{path} is missing: look", locations=[("a.py", 0)])
    today.add(("{n} file", "{n} files"), locations=[("b.py", 0)])
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    monkeypatch.setattr(messages, "template", lambda: today)
    for language in translations.LANGUAGES:
        before = Catalog(locale=language, domain="natmod")
        before.add("old", "ancien")
        messages.write(language, before)
    work = tmp_path / "work.json"
    assert translations.main(["--missing", str(work)]) == 0
    first, second = json.loads(work.read_text("utf-8"))
    assert (first["en"], second["fr"], second["zh_TW"]) == ("{path} is missing: look", ["", ""], [""])
    first["fr"], second["fr"], second["zh_TW"] = "{path} manque : regardez", ["{n} fichier", "{n} fichiers"], ["{m} 檔"]
    rows = [first, second, {"where": "", "en": "gone", "fr": "parti"}]
    work.write_text(json.dumps(rows), "utf-8")
    assert translations.main(["--merge", str(work)]) == 1
    assert translations.missing("fr") == []
    assert [message.id for message in translations.missing("zh_TW")] == [first["en"], ("{n} file", "{n} files")]
    french = messages.updated("fr", today)
    assert french.get("{path} is missing: look").string == "{path} manque\xa0: regardez"
    assert french.get(("{n} file", "{n} files")).string == ("{n} fichier", "{n} fichiers")


def test_the_compiled_catalogue_is_what_the_engine_reads() -> None:
    try:
        use_language(messages.LOCALE, messages.ENGLISH)
        assert str(_("The program {program} is needed and is not on this computer.", program="make")).startswith(
            "The program make is needed"
        )
    finally:
        use_language(messages.LOCALE, None)


def test_a_translation_with_a_wrong_field_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    catalog = Catalog(locale="fr", domain="natmod")
    catalog.add("built {name}", "{nom} est construit")
    catalog.add(("{n} file", "{n} files"), ("un fichier", "{n} fichiers"))
    catalog.add("{path} is missing", "{path} manque")
    target = messages.file_of("fr", "mo")
    target.parent.mkdir(parents=True)
    target.write_bytes(messages.mo_bytes(catalog))
    (fault,) = messages.faults("fr")
    assert "'{nom} est construit' has other fields than 'built {name}': name, nom" in fault


def test_a_translator_s_words_are_kept_and_new_sentences_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    before = Catalog(locale="fr", domain="natmod")
    before.add("old", "ancien")
    before.add("gone", "disparu")
    target = messages.file_of("fr", "po")
    target.parent.mkdir(parents=True)
    target.write_bytes(messages.po_bytes(before))
    today = Catalog()
    today.add("old")
    today.add("new")
    today.add(("{n} file", "{n} files"))
    assert messages.languages() == ["en", "fr"]
    after = {m.id: m.string for m in messages.updated("fr", today) if m.id}
    assert after == {"old": "ancien", "new": "", ("{n} file", "{n} files"): ("", "")}


# --- the code's side -------------------------------------------------------------------------------------------------


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(place, function, call) of every ``_`` and ``_n`` in the engine and the application."""
    for path in messages.sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "_n"):
                yield f"{path.relative_to(CHECKOUT)}:{node.lineno}", node.func.id, node


def test_sentences_are_literals_so_that_they_can_be_extracted() -> None:
    wrong = []
    for place, function, call in _calls():
        sentences = call.args[: 1 if function == "_" else 2]
        if not all(isinstance(arg, ast.Constant) and isinstance(arg.value, str) for arg in sentences):
            wrong.append(place)
    assert wrong == [], "write the sentence itself inside _()"


def test_every_field_of_a_sentence_is_filled_in() -> None:
    wrong = []
    for place, function, call in _calls():
        # studio.py fills its sentences in with str.format: old Pythons read it, and it has no Text.
        if place.startswith("studio.py") or any(keyword.arg is None for keyword in call.keywords):
            continue
        given = {keyword.arg for keyword in call.keywords} | ({"n"} if function == "_n" else set())
        texts = [arg.value for arg in call.args[: 1 if function == "_" else 2] if isinstance(arg, ast.Constant)]
        wanted = set().union(*(messages.fields(str(text)) for text in texts))
        extra = given - wanted - ({"n"} if function == "_n" else set())
        if wanted - given or extra:
            wrong.append(f"{place}: missing {sorted(wanted - given)}, unused {sorted(map(str, extra))}")
    assert wrong == []


def test_plural_sentences_choose_their_form() -> None:
    def text(n: int) -> Text:
        return _n("{n} trial", "{n} trials", n)

    assert [str(text(n)) for n in (0, 1, 2)] == ["0 trials", "1 trial", "2 trials"]
