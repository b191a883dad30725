"""Sentences end where a reader of the language says so, and never within an abbreviation, a number or an address."""

from __future__ import annotations

import pytest

from campaign.fit.sentences import sentence_ends


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; those that end within quotation marks or brackets bear a ~."""
    found, start = [], 0
    for end in sentence_ends(text):
        found.append(text[start : end.place].strip() + ("~" if end.nested else ""))
        start = end.place
    return [*found, text[start:].strip()]


@pytest.mark.parametrize(
    "text",
    [
        "It works. | Trainers use it! | Do you? | Yes.",
        "Das geht. | Ausbilder nutzen das Modul. | Über alle Regionen. | Österreich auch.",
        "Modul je zdarma. | Školy ho učí. | Řeknete ano?",
        "Kurs jest darmowy. | Śląskie uczy. | Łódź też.",
        "É grátis. | Às vezes custa. | Água não falta.",
        "¿Qué es? | ¡Un módulo! | ¿Y qué más? | Nada.",
        "C'est gratuit. | Êtes-vous prêts ? | À bientôt !",
        "È gratis. | Dov'è? | A Torino.",
        "Ingyenes. | Örülünk neki. | Ők is.",
        "Je to zadarmo. | Ľudia sa učia. | Áno.",
        "Είναι δωρεάν. | Τι είναι; | Μάθημα. | Άλλο τίποτα.",
        "Безплатно. | Какво е? | Курс. | Край.",
        "Det är gratis. | Åker du? | Ja.",
        "In 2024. | The rate is 3.5 %. | It grew to 1.200. | Now it is 38 %.",
        "Made by BMW. | For the EU. | See example.org. | And https://example.org/a.b/c. | #Skills matter. | 🎉 Party.",
        "“We train.” | The school said so. | (It was asked.) | »Wir auch.« | „My taky.“ | « Nous aussi. » | Fin.",
    ],
)
def test_sentences_end(text: str) -> None:
    assert sentences(text.replace(" | ", " ")) == text.split(" | ")


@pytest.mark.parametrize(
    "text",
    [
        "Das gilt z. B. Ostrava und u. a. Stuttgart",
        "Am 2. Mai, Nr. 5, ca. Hundert, bzw. Dresden usw. Überall, vgl. Kapitel, evtl. Prag",
        "Der e. V. Dresden mit Dr. Müller und Prof. Meier, Dipl.-Ing. Schmidt",
        "For e.g. Ostrava, i.e. The city, Mr. Novák, Dr. A. B. Smith, approx. Ten, Skills Ltd. Prague, Ph.D. Thesis",
        "Tj. Ostrava, např. Škoda, Ing. Dvořák, Mgr. Nová, č. Pět, 9. Června, s.r.o. Praha, tzv. Most, atd. Konec",
        "Napr. Bratislava, tzn. Košice, Ing. Nováková, t. j. Nitra, odst. Prvý",
        "Np. Audi, m.in. Volkswagen, inż. Kowalski, ul. Długa, tzw. Dolina, itd. Koniec, woj. Śląskie",
        "P. ex. Lisboa, o Sr. Silva e a Dra. Ana, Eng. Costa, n.º Dois, ATEC Lda. Palmela",
        "P. ej. Burgos, EE. UU. Firma, Sra. Pérez, núm. Dos, etc. Fin",
        "P. ex. Lille, M. Dupont, cf. Lyon, etc. Fin",
        "Ad es. Torino, dott. Rossi, sig.ra Bianchi, ecc. Fine, ing. Verdi",
        "Pl. Győr, Dr. Nagy, 2024. május, ún. Duális, stb. Vége",
        "Π.χ. Αθήνα, ο κ. Παπαδόπουλος, δηλ. Αυτό, κ.λπ. Τέλος",
        "Напр. София, проф. Иванов, инж. Петров, т.е. Пловдив, ул. Витоша",
        "T.ex. Göteborg, bl.a. Volvo, osv. Slut",
        "XIV. Tagung, 5. 5. Ostrava, 1. FC Köln",
        "Well... Škoda agreed… Then came more",
        "“Will it work?” Anna asked; a Question, not greek; Not at all",
        "It costs 12.5 euro. and then lower case",
        "No space.Here and no end",
        "Number 38\u00a0%.\u00a0More",
        ". A dot alone",
    ],
)
def test_a_full_stop_that_may_be_another_ends_no_sentence(text: str) -> None:
    assert sentences(text) == [text]


def test_an_end_within_quotation_marks_or_brackets_is_known_as_such() -> None:
    text = "Anna sagte: „Erst das. Dann dies.“ Schluss. So (see here. And there.) it ends. Now."
    assert sentences(text) == [
        "Anna sagte: „Erst das.~",
        "Dann dies.“",
        "Schluss.",
        "So (see here.~",
        "And there.) it ends.",
        "Now.",
    ]
