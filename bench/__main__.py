"""Run all benchmarks."""

from bench import http, imports

http.main()
imports.main()
