"""Run all benchmarks."""

from bench import forecast, http, imports, refresh, scoring

scoring.main()
forecast.main()
http.main()
imports.main()
refresh.main()
