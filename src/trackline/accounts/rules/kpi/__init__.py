"""Key performance indicators: each KPI of the catalogue is a rule, `accounts.kpi.KEY`; its key is its metric's code."""
