"""Context of the component gallery: the worst data the components have to bear, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.kit.forms import FormField

TODAY = date(2026, 11, 23)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG"


def context() -> dict[str, Any]:
    """Everything `kit/gallery.html` reads."""
    return {
        "today": TODAY,
        "org_name": "Ferrova",
        "nav": [
            {"key": "today", "label": "Today", "url": "#", "icon": "sun", "count": 5},
            {"key": "accounts", "label": "Accounts", "url": "#", "icon": "building-2", "count": 14},
            {"key": "import", "label": "Import", "url": "#", "icon": "file-input"},
            {"key": "settings", "label": "Settings", "url": "#", "icon": "settings"},
        ],
        "nav_key": "accounts",
        "my_accounts": [
            {"name": "Okada Brandt Mobility", "url": "#", "band": "amber", "current": True},
            {"name": "Nordwall Logistik", "url": "#", "band": "red"},
            {"name": LONG, "url": "#", "band": "green"},
            {"name": "美濃電気株式会社", "url": "#", "band": None},
        ],
        "me": {"name": "Katrin Vogel", "role": "Manager", "url": "#", "sign_out_url": "/sign-out"},
        "crumbs": [{"label": "Accounts", "url": "#"}, {"label": "Okada Brandt Mobility", "url": "#"}],
        "title": "Okada Brandt Mobility",
        "chip": "Tier 1",
        "meta": "Automotive supplier · Stuttgart, 岡田精密 Nagoya, Greenville · 3 units, 3 currencies",
        "figures": [
            {"label": "Health", "value": "60.0", "band": "amber", "note": "↓22.5", "tone": "bad"},
            {"label": "ARR, group", "value": "€2.84m", "note": "↑8.1 %", "tone": "good"},
            {"label": "Renews 31 Mar 2027", "value": "128 d", "note": "step 3 of 13"},
            {"label": "Owner", "value": "Katrin Vogel", "person": True, "me": True},
        ],
        "total": 80,
        "overview_url": "#",
        "current": "track",
        "sections": [
            {"key": "track", "letter": "T", "name": "Track the Situation", "percent": 83, "url": "#"},
            {"key": "reveal", "letter": "R", "name": "Reveal the Goals", "percent": 75, "url": "#"},
            {"key": "align", "letter": "A", "name": "Align the Routes", "percent": 67, "url": "#"},
            {"key": "choose", "letter": "C", "name": "Choose the Line", "percent": 100, "url": "#"},
            {"key": "kickoff", "letter": "K", "name": "Kickoff the Plan", "percent": 0, "url": "#"},
        ],
        "tabs": [
            {"label": "Profile", "url": "#"},
            {"label": "Contacts", "url": "#", "current": True, "count": 12},
            {"label": "KPIs", "url": "#", "count": 6},
            {"label": "Journey", "url": "#", "note": "104 d old"},
            {"label": "Issues and risks", "url": "#", "count": 0},
        ],
        **_list(),
        **_record(),
        "board": _board(),
        "timeline": _timeline(),
    }


def _list() -> dict[str, Any]:
    names = ["Okada Brandt Mobility", "岡田精密株式会社", LONG, "Nordwall Logistik SE", "Minamoto Denki K.K.", "Ng"]
    rows = [
        {
            "name": name,
            "child": index == 1,
            "second": "Okada Seimitsu K.K., Nagoya" if index == 1 else "",
            "tier": None if index == 4 else f"T{index % 3 + 1}",
            "band": ["amber", "green", "red", "red", "unknown", "green"][index],
            "score": [60, Decimal("84.04"), 0, Decimal("41.5"), None, 100][index],
            "change": [Decimal("-22.5"), 2, None, -6, None, 0][index],
            "arr": [2840000, 1234567, Decimal("-120000.5"), None, 640000, 99][index],
            "currency": ["EUR", "JPY", "EUR", "EUR", "CHF", "GBP"][index],
            "growth": [Decimal("8.1"), None, -12, 0, Decimal("0.04"), 300][index],
            "renews": [
                TODAY + timedelta(days=offset) if offset is not None else None for offset in (128, 4, -3, None, 96, 700)
            ][index],
            "owner": [
                "Katrin Vogel",
                "田中 美咲",
                "Maximiliane von Hohenzollern-Sigmaringen",
                "Lena Ebert",
                "Ng",
                "Katrin Vogel",
            ][index],
            "me": index in (0, 5),
        }
        for index, name in enumerate(names)
    ]
    return {
        "rows": rows,
        "order": "-arr",
        "action": "/",
        "search_label": "Search accounts",
        "views": [{"label": "Table", "url": "#", "current": True}, {"label": "Groups", "url": "#"}],
        "filters": [
            FormField(
                name="tier",
                kind="choice",
                label="Tier",
                choices=[("1", "Tier 1"), ("2", "Tier 2")],
                placeholder="Tier: any",
            ),
        ],
        "active": [{"label": "Renews before 31 Dec 2027", "url": "#"}],
        "clear_url": "#",
        "totals": "6 accounts · €4.61m ARR",
        "add": {"label": "Account", "icon": "plus", "key": "n", "get": "/new"},
        "bulk": [
            {"label": "Change owner", "icon": "user-round-pen", "get": "/bulk/owner"},
            {"label": "Export", "url": "#"},
        ],
    }


def _record() -> dict[str, Any]:
    people = [{"value": "7", "label": "Katrin Vogel"}]
    fields = [
        FormField(name="title", label="Title", required=True, value="Scrap rate, paint shop"),
        FormField(name="baseline", kind="decimal", label="Baseline", required=True, value="4.8", unit="%"),
        FormField(
            name="target",
            kind="decimal",
            label="Target",
            required=True,
            value="−5",
            unit="%",
            errors=["Target: 0 or more. Your entry is kept until you correct it."],
        ),
        FormField(
            name="value",
            kind="money",
            label="Value",
            value="−120000.50",
            currency="EUR",
            currencies=["EUR", "JPY", "USD"],
            help="Yearly, as agreed with their finance.",
        ),
        FormField(name="due_on", kind="date", label="Due", value="2027-03-31"),
        FormField(
            name="status",
            kind="choice",
            label="Confidence",
            required=True,
            choices=[("low", "Low"), ("medium", "Medium"), ("high", "High")],
            value="medium",
        ),
        FormField(name="type", kind="choice", label="Type", choices=[(str(n), f"Type {n}") for n in range(9)]),
        FormField(name="owner", kind="ref", label="Owner", required=True, selected=people, options_url="/options"),
        FormField(
            name="kpis",
            kind="refs",
            label="KPIs",
            selected=[{"value": "1", "label": "Scrap rate"}, {"value": "2", "label": LONG}],
            options_url="/options",
            help="What this goal moves.",
        ),
        FormField(name="tags", kind="tags", label="Tags", selected=[{"value": "pilot", "label": "pilot"}]),
        FormField(name="watch", kind="boolean", label="On the watch list", value=True),
        FormField(
            name="note", kind="longtext", label="Note", value="She wants to see Stuttgart running first.", wide=True
        ),
    ]
    return {
        "fields": fields,
        "errors": [{"name": "target", "label": "Target", "message": "0 or more"}],
        "bands": [
            ("green", 84, 2),
            ("amber", 60, Decimal("-22.5")),
            ("red", Decimal("41.5"), -6),
            ("unknown", None, None),
        ],
        "refused": {"label": "Override", "icon": "lock", "reason": "Administrators may override"},
        "steps": ["Upload", "Map columns", "Check", "Import"],
        "at": 3,
        "shares": [("s1", 31), ("s2", 48), ("s6", 18), ("red", 3)],
        "columns": [
            {"name": name, "label": name.title(), "shown": name != "region"}
            for name in ("tier", "health", "arr", "region")
        ],
        "conflict": [
            {"label": "Target", "theirs": "2.4 %", "mine": "2.5 %"},
            {"label": "Owner", "theirs": LONG, "mine": None},
        ],
        "who": "Tim Lorca",
        "when": "two minutes ago",
        "theirs_url": "/theirs",
        "mine_url": "/mine",
        "version": 4,
        "mine": [("target", "2.5")],
        "kicker": "Next best action",
        "icon": "phone",
        "because": "He is influence 4 and a detractor with no dated next action. Usage fell below 80 % after the outage.",
        "why_url": "#",
        "do": {"label": "Plan the call", "url": "#"},
        "later": {"label": "Not now", "url": "#"},
        "add_goal": {"label": "Add a goal", "icon": "plus", "url": "#"},
        "from_kpis": {"label": "Start from its 6 KPIs", "url": "#"},
    }


def _board() -> list[dict[str, Any]]:
    def card(number: int, title: str, value: int | None, **more: Any) -> dict[str, Any]:
        base = {
            "id": number,
            "title": title,
            "value": value,
            "currency": "EUR",
            "probability": 30,
            "owner": "Katrin Vogel",
            "type": "Cross-sell",
            "close": "30 Apr 2027",
        }
        return base | more

    return [
        {
            "key": "identified",
            "name": "Identified",
            "gross": 300000,
            "weighted": 30000,
            "cards": [
                card(1, "Predict pilot, Greenville", 180000, goal="unplanned downtime"),
                card(2, LONG, None, close=None, probability=None, chip="71 d, twice the median", tone="amber"),
            ],
        },
        {
            "key": "qualifying",
            "name": "Qualifying",
            "gross": 580000,
            "weighted": 174000,
            "cards": [
                card(
                    3,
                    "Trace for Nagoya line 4",
                    420000,
                    state="returned",
                    goal="paperless batch release",
                    chip="Returned, 2 checks open",
                    tone="red",
                )
            ],
        },
        {
            "key": "pursuing",
            "name": "Pursuing",
            "gross": 3150000,
            "weighted": 2600000,
            "cards": [card(4, "Group renewal 2027", 2840000, type="Renewal", probability=85)],
        },
        {"key": "won", "name": "Won this year", "gross": -120000, "weighted": 0, "cards": []},
    ]


def _timeline() -> list[dict[str, Any]]:
    return [
        {
            "tone": "red",
            "noun": "Alert:",
            "fact": "ticket volume rising, +18 %",
            "when": TODAY - timedelta(days=2),
            "second": "Acknowledge by today 10:00",
            "by": "Katrin Vogel",
        },
        {
            "noun": "Call",
            "fact": "with 田中 美咲 Tanaka Misaki",
            "when": TODAY - timedelta(days=3),
            "quote": "Line 4 budget is agreed in principle. She wants to see Stuttgart running first.",
        },
        {
            "noun": "Goal",
            "fact": "Scrap rate, paint shop",
            "when": TODAY - timedelta(days=40),
            "by": "Tim Lorca",
            "undo_url": "/undo",
            "changes": [
                {"label": "Target", "before": "2.5 %", "after": "2.4 %"},
                {"label": "Owner", "before": "", "after": LONG},
            ],
        },
    ]
