"""Run all benchmarks."""

from bench import decks, forecast, http, imports, plan, refresh, scoring

scoring.main()
forecast.main()
http.main()
imports.main()
refresh.main()
plan.main()
decks.main()
