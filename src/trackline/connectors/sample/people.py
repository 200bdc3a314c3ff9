"""Our own people: users, what they learn, who works on which account."""

from __future__ import annotations

from trackline.connectors.sample.content import Story, book_file, slim
from trackline.connectors.sample.drafts import Book, Draft
from trackline.connectors.sample.timeline import BOOK_OPENED, Timeline

_JOBS = {
    "katrin-vogel": "Account manager",
    "tim-lorca": "Account manager",
    "marcus-bell": "Account manager",
    "mei-lindgren": "Customer success manager",
    "lena-ebert": "Legal",
    "henrik-aas": "Executive sponsor",
    "isabelle-fournier": "Executive sponsor",
}
ADMIN = "user:ruth-okafor"
"""Who keeps products, objectives and lists."""


def add_users(book: Book, when: Timeline) -> None:
    """Draft the selling company's people; managers are named once all are there."""
    people = book_file()["users"]
    for row in people.values():
        key = f"user:{row['key']}"
        data = {
            "username": row["key"],
            "name": row["name"],
            "email": f"{row['key'].replace('-', '.')}@ferrova.example",
            "title": row["title"],
            "seniority": row["seniority"],
        }
        book.add(Draft(key, when.written(BOOK_OPENED, "users"), key, data, {"role": row["role"]}))
    for row in people.values():
        if "manager" in row:
            boss = f"user:{people[row['manager']]['key']}"
            book.amend(f"user:{row['key']}", when.written(BOOK_OPENED, "managers"), ADMIN, manager=boss)


def add_assignments(book: Book, when: Timeline) -> None:
    """Draft learning assignments."""
    people = book_file()["users"]
    for key, row in book_file()["assignments"].items():
        learner = f"user:{people[row['learner']]['key']}"
        name = f"assignment:{key}"
        data = slim(
            title=row["title"],
            learner=learner,
            provider=row["provider"],
            assigned_on=when.day(row["assigned"]),
            due_on=when.day(row["due"]),
            status="assigned" if row["status"] == "completed" else row["status"],
        )
        book.add(Draft(name, when.written(row["assigned"], name), learner, data))
        if row["status"] == "completed":
            done = when.day(row["done"])
            book.amend(name, when.written(row["done"], name), learner, status="completed", completed_on=done)


def add_team(book: Book, story: Story) -> None:
    """Draft the team of an account from its owner, sponsor and those who sit in its cadences."""
    account = story.facts["account"]
    codes = [account["owner"], account.get("exec_sponsor")]
    codes += [code for cadence in story.rows("cadences") for code in cadence["members"]]
    for user in dict.fromkeys(story.users([code for code in codes if code])):
        name = user.partition(":")[2]
        key = f"team_member:{story.key}/{name}"
        data = {"account": story.account, "user": user, "job_role": _JOBS[name]}
        book.add(Draft(key, story.when.written(story.since + 1, key), story.owner, data))
