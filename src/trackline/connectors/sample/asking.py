"""What customers answered when they were asked: waves of surveys and their responses."""

from __future__ import annotations

from trackline.connectors.sample.content import Story, book_file, slim
from trackline.connectors.sample.drafts import Book, Draft
from trackline.connectors.sample.timeline import Timeline

_SCALES = ("recommend", "expectations", "quality", "communication", "ease", "strategy", "innovation")
_METRICS = ("nps", "csat", "ces")


def add_rounds(book: Book, when: Timeline) -> None:
    """Draft the rounds that ask several accounts at once."""
    people = book_file()["users"]
    for row in book_file()["survey_rounds"]:
        key, owner = f"survey_round:{row['id']}", f"user:{people[row['owner']]['key']}"
        data = {name: value for name, value in row.items() if name not in ("id", "on")}
        book.add(Draft(key, when.written(row["on"], key), owner, data | {"owner": owner}))


def add_surveys(book: Book, story: Story) -> None:
    """Draft waves with their answers; a reading of the same day gives way to what the wave says."""
    when = story.when
    for row in story.rows("surveys"):
        key = f"wave:{story.key}/{row['id']}"
        sent = when.day(row["sent"])
        answers = row["answers"]
        asked = [*answers, *row.get("silent", ())]
        data = slim(
            account=story.account,
            title=row["title"],
            survey="relationship",
            about=row["about"],
            contacts=story.contacts(asked),
            status="open",
            owner=story.owner,
            round=f"survey_round:{row['round']}" if "round" in row else None,
        )
        book.add(Draft(key, when.written(row["sent"], key), story.owner, data))
        if row.get("closed"):
            book.amend(key, when.written(row["closed"], key), story.owner, status="closed")
        for contact, answer in answers.items():
            name = f"response:{story.key}/{row['id']}/{contact}"
            marks = dict(zip(_SCALES, answer["marks"], strict=True))
            words = {field: answer.get(field) for field in ("reason", "ease_reason", "wishes", "tags")}
            given = slim(
                wave=key,
                contact=story.contacts([contact])[0],
                on=when.day(answer["on"]),
                channel="link",
                **marks,
                **words,
            )
            book.add(Draft(name, when.written(answer["on"], name), story.owner, given))
        book.readings = [
            one for one in book.readings if (one.account, one.on) != (story.account, sent) or one.metric not in _METRICS
        ]
