"""No column without a class: docs/data-classes.toml says of each what it is, how long it stays, who reads it."""

import tomllib

import pytest
from sqlalchemy import LargeBinary

from webapp.store import models, scrub

FIX = (
    "write the column under [table.<its table>.columns] in docs/data-classes.toml as public, internal, sealed, "
    "keyed or secret-hash; a new table also needs about, retention and readers. Then see whether "
    "webapp/operations/erasure.py must clear it."
)
# Clear values in tables that are not public, made to be published.
MEANT_FOR_ALL = {("cases", "code"), ("case_event", "public_facts")}
# Of staff, who stay on the record: no erasure reaches them.
STAFF = {"account", "staff_session"}


@pytest.fixture(scope="module")
def inventory(root):
    return tomllib.loads((root / "docs" / "data-classes.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables():
    # Not all of the metadata: tests of the store hang tables of their own into it.
    return {(table := getattr(models, name).__table__).name: table for name in models.__all__}


@pytest.fixture(scope="module")
def classed(inventory):
    rows = inventory["table"].items()
    return {(table, name): kind for table, row in rows for name, kind in row["columns"].items()}


def test_every_column_has_a_class_and_every_class_a_column(tables, classed, refuse):
    columns = {(table.name, column.name) for table in tables.values() for column in table.columns}
    refuse([f"{table}.{name} has no line" for table, name in sorted(columns - classed.keys())], FIX)
    refuse(
        [f"{table}.{name} is no column" for table, name in sorted(classed.keys() - columns)],
        "remove the line.",
    )


def test_every_word_is_one_the_file_explains(inventory, classed, refuse):
    refuse([f"{at}: {kind}" for at, kind in classed.items() if kind not in inventory["classes"]], FIX)
    for name, row in inventory["table"].items():
        assert row["about"] and row["retention"] in inventory["retention"], name
        assert row["readers"] and set(row["readers"]) <= set(inventory["readers"]), name
        assert set(row.get("personal", ())) <= set(row["columns"]), name


def test_public_tables_are_public_and_nothing_else_is_read_by_everybody(inventory, classed, refuse):
    wrong = [
        f"{table}.{name} is {kind}"
        for (table, name), kind in classed.items()
        if (kind == "public") != table.startswith("pub_") and (table, name) not in MEANT_FOR_ALL
    ]
    refuse(wrong, "public data lives in pub_* tables, all else elsewhere.")
    for name, row in inventory["table"].items():
        assert ("public" in row["readers"]) == name.startswith("pub_"), name


def test_what_is_sealed_is_bytes_and_bytes_are_sealed(tables, classed, refuse):
    kinds = {at: isinstance(tables[at[0]].c[at[1]].type, LargeBinary) for at in classed}
    wrong = [f"{t}.{n}" for (t, n), kind in classed.items() if (kind == "sealed") != kinds[t, n]]
    refuse(wrong, "seal the value with Vault.seal into a LargeBinary column, or class it as what it is.")


def test_who_a_person_is_stands_sealed_or_keyed_and_may_be_emptied(tables, classed):
    for name in ("name", "phone", "email", "phone_index", "email_index"):
        assert classed["identity", name] in ("sealed", "keyed")
        assert tables["identity"].c[name].nullable, "an erasure must be able to empty it"
    assert classed["submission", "place"] == "sealed"


def test_values_made_of_secrets_are_classed_as_such(classed, refuse):
    ends = ("_mac", "_index", "_hash", "digest", "mark")
    plain = [at for at, kind in classed.items() if at[1].endswith(ends) and kind in ("internal", "public")]
    refuse(
        [f"{table}.{name}" for table, name in plain],
        "a value made of a secret or a person with a key is keyed or secret-hash.",
    )


def test_every_keyed_value_goes_with_its_person(classed, root, refuse):
    source = (root / "webapp" / "operations" / "erasure.py").read_text(encoding="utf-8")
    keyed = [
        at for at, kind in classed.items() if kind == "keyed" and at[0] != "upload"
    ]  # deleted row and all
    refuse(
        [f"{table}.{name}" for table, name in keyed if name not in source],
        "let operations.erasure.erase_person empty it.",
    )


def test_whatever_tells_of_a_person_is_written_anew_after_an_erasure(inventory, tables, refuse):
    wanted = {
        tables[name].fullname
        for name, row in inventory["table"].items()
        if row.get("personal") or {"sealed", "keyed"} & set(row["columns"].values())
    }
    refuse(
        sorted((wanted - STAFF) ^ set(scrub.PERSONAL)),
        "name the table in webapp/store/scrub.py, or the columns under `personal` in docs/data-classes.toml.",
    )
