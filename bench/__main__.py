"""Run all benchmarks."""

from bench import forecast, http, imports, scoring

scoring.main()
forecast.main()
http.main()
imports.main()
