"""Texts and people for many cases, put together from the pieces in texts.toml."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from webapp.core.text import fold
from webapp.demo.files import read
from webapp.operations.people import Person

_PLAIN = 0.09  # how many people write without marks


class Words:
    """What people write, drawn from one seeded chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._texts = read("texts")
        self._places = self._texts["places"]

    def pick(self, options: Sequence[Any]) -> Any:
        return options[int(self._chance.random() * len(options))]

    def person(self, number: int, with_email: bool) -> Person:
        """An invented person. Numbers of the 095 range, which nobody has."""
        people = self._texts["people"]
        name = " ".join(self.pick(people[part]) for part in ("family", "middle", "given"))
        phone = f"+8495{int(self._chance.random() * 10_000_000):07d}"
        email = f"{fold(name).replace(' ', '.')}{number % 1000}@example.vn"
        return Person(name, phone, email if with_email else "")

    def where(self) -> dict[str, str]:
        return {key: self.pick(self._places[key]) for key in ("road", "spot", "time")}

    def report(self, category: str, where: dict[str, str]) -> str:
        parts = self._texts["report"]
        problem = self.pick(parts["problem"][category]).format(**where)
        opening = self.pick(parts["opening"])
        if not opening:
            problem = problem[0].upper() + problem[1:]
        text = opening + problem + self.pick(parts["closing"])
        return fold(text) if self._chance.random() < _PLAIN else text

    def answer(self, category: str) -> str:
        parts = self._texts["answer"]
        done = self.pick(parts["done"][category])
        return str(self.pick(parts["opening"])) + str(done) + str(self.pick(parts["closing"]))

    def staff(self, kind: str) -> str:
        return str(self.pick(self._texts["staff_text"][kind]))


class Weighted:
    """A choice by weight, cheap to repeat."""

    def __init__(self, chance: random.Random, options: Sequence[str], weights: dict[str, float]) -> None:
        self._chance = chance
        self._options = list(options)
        self._cumulative = list(accumulate(weights.get(option, 1) for option in options))

    def pick(self) -> str:
        return self._chance.choices(self._options, cum_weights=self._cumulative)[0]
