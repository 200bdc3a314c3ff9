"""Settings of the test suite: the product's own, on a throw-away home, with cheap password hashing.

`TRACKLINE_TEST_DATABASE_URL` picks the engine (default: SQLite); whatever else the developer's shell sets is ignored.
"""

import os
import tempfile

for _name in [name for name in os.environ if name.startswith("TRACKLINE_") and not name.startswith("TRACKLINE_TEST_")]:
    del os.environ[_name]
os.environ["TRACKLINE_HOME"] = tempfile.mkdtemp(prefix="trackline-test-")
os.environ["TRACKLINE_SECRET_KEY"] = "only-for-tests-0123456789-abcdefghijklmnop"
os.environ["TRACKLINE_LOG_LEVEL"] = "WARNING"
if _url := os.environ.get("TRACKLINE_TEST_DATABASE_URL"):
    os.environ["TRACKLINE_DATABASE_URL"] = _url

from trackline.delivery.settings import *  # noqa: E402, F403  # the environment above must stand first

# Tables straight from the models: a tenth of the time. tests/delivery/upkeep/test_schema.py holds that migrating makes the same.
DATABASES["default"]["TEST"] = {"MIGRATE": False}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    # Nothing of a test outlives it, so no write waits for the disk.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c synchronous_commit=off")  # noqa: F405
