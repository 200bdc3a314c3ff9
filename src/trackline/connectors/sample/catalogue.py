"""What belongs to the whole book: products, objectives, journey dimensions, playbooks, exchange rates."""

from __future__ import annotations

from datetime import date, timedelta

from trackline.book.dashboards.services import starting_tiles
from trackline.choose.rules.shipped import shipped
from trackline.connectors.sample.content import book_file
from trackline.connectors.sample.drafts import Book, Draft
from trackline.connectors.sample.people import ADMIN
from trackline.connectors.sample.timeline import BOOK_OPENED, Timeline, add_months


def rates(today: date) -> list[tuple[str, date, float]]:
    """Return what one unit of each currency is worth in euro at the last month ends."""
    last = today.replace(day=1) - timedelta(days=1)
    found = []
    for currency, units in book_file()["rates"].items():
        for back, unit in enumerate(reversed(units)):
            found.append((currency, add_months(last.replace(day=1), 1 - back) - timedelta(days=1), round(1 / unit, 8)))
    return found


def add_products(book: Book, when: Timeline) -> None:
    """Draft the product list."""
    for key, row in book_file()["products"].items():
        data = {"name": row["name"], "family": row["family"], "description": row["text"], "list_price": row["price"]}
        book.add(Draft(f"product:{key}", when.written(BOOK_OPENED, "products"), ADMIN, data))


def add_objectives(book: Book, when: Timeline) -> None:
    """Draft our own objectives of the year with their key results."""
    people = book_file()["users"]
    start = when.offset(when.today.replace(month=1, day=1))
    for key, row in book_file()["objectives"].items():
        owner = f"user:{people[row['owner']]['key']}"
        name = f"objective:{key}"
        at = when.written(start, name)
        data = {
            "title": row["title"],
            "period": f"FY {when.today.year}",
            "owner": owner,
            "progress_pct": row["progress"],
            "external_ref": row["ref"],
        }
        book.add(Draft(name, at, owner, data))
        for number, (title, baseline, target, current) in enumerate(row["results"], 1):
            result = {"objective": name, "title": title, "baseline": baseline, "target": target, "current": current}
            book.add(Draft(f"key_result:{key}/{number}", at, owner, result))


def add_targets(book: Book, when: Timeline) -> None:
    """Draft what each quarter of the last, this and the next year should bring in, and what some people's should."""
    start = when.today.replace(day=1)
    start = add_months(start, -((start.month - 1) % 3))
    for whose, values in book_file()["targets"].items():
        owner = f"user:{book_file()['users'][whose]['key']}" if whose != "book" else None
        for number, value in enumerate(values):
            data = {"owner": owner, "period": "quarter", "from_on": add_months(start, 3 * (number - 4)), "value": value}
            name = f"booking_target:{whose}/{number}"
            book.add(Draft(name, when.written(BOOK_OPENED, name), ADMIN, data))


def add_stewards(book: Book, when: Timeline) -> None:
    """Draft who answers for the data of which domain."""
    for domain, row in book_file()["stewards"].items():
        data = {"domain": domain, "person": f"user:{book_file()['users'][row['person']]['key']}", "note": row["note"]}
        name = f"data_steward:{domain}"
        book.add(Draft(name, when.written(BOOK_OPENED, name), ADMIN, data))


def add_dashboards(book: Book, when: Timeline) -> None:
    """Draft the dashboards that people look at."""
    people = book_file()["users"]
    for key, row in book_file()["dashboards"].items():
        owner = f"user:{people[row['owner']]['key']}"
        data = {
            "name": row["name"],
            "description": row.get("text", ""),
            "owner": owner,
            "shared": row["shared"],
            "filters": row.get("filters", {}),
            "tiles": row.get("tiles") or starting_tiles(),
        }
        book.add(Draft(f"dashboard:{key}", when.written(BOOK_OPENED, f"dashboard:{key}"), owner, data))


def add_scenarios(book: Book, when: Timeline) -> None:
    """Draft the scenarios of the ranking that people saved."""
    people = book_file()["users"]
    for key, row in book_file()["scenarios"].items():
        name, owner = f"scoring_scenario:{key}", f"user:{people[row['owner']]['key']}"
        data = {field: value for field, value in row.items() if field != "owner"} | {"owner": owner}
        book.add(Draft(name, when.written(BOOK_OPENED, name), owner, data))


def add_dimensions(book: Book, when: Timeline) -> None:
    """Draft the axes of the journey; those that a book has from the start are taken over."""
    for position, (key, label) in enumerate(book_file()["journey_dimensions"].items()):
        data = {"key": key, "name": label, "position": position}
        book.add(Draft(f"journey_dimension:{key}", when.written(BOOK_OPENED, "dimensions"), ADMIN, data))


def add_playbooks(book: Book, when: Timeline) -> None:
    """Name the playbooks that plays start from; every book has them from the start."""
    for one in shipped():
        data = {"key": one.key, "title": one.title}
        book.add(Draft(f"playbook:{one.key}", when.written(BOOK_OPENED, "playbooks"), ADMIN, data))
