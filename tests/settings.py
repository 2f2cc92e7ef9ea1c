"""The portal's own settings, pointed at a private directory and at the services that `tests.services` starts there.

`DATABASE=sqlite` runs the tests on SQLite; PostgreSQL is the default.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# PostgreSQL and Valkey listen on unix sockets in here. Its sub-directories are private; the directory itself may be
# passed through, because PostgreSQL runs as another user when the tests run as root.
TEST_PATH = Path(tempfile.mkdtemp(prefix="portal-"))
TEST_PATH.chmod(0o711)
atexit.register(shutil.rmtree, TEST_PATH, ignore_errors=True)

DATABASE = os.environ.get("DATABASE", "postgres")
DATABASE_URLS = {
    "postgres": f"postgres://portal@/{TEST_PATH / 'postgres'}/portal",
    "sqlite": f"sqlite:///{TEST_PATH / 'portal.sqlite3'}",
}
if DATABASE not in DATABASE_URLS:
    raise SystemExit(f"DATABASE must be one of {', '.join(DATABASE_URLS)}, not {DATABASE!r}.")

os.environ.update(
    PORTAL_MODE="development",
    VAR_PATH=str(TEST_PATH),
    STORAGE_PATH=str(TEST_PATH / "files"),
    DATABASE_URL=DATABASE_URLS[DATABASE],
    REDIS_URL=f"redis+socket://{TEST_PATH / 'valkey' / 'valkey.sock'}",
    DUTIES_REMEMBERED_SECONDS="0",  # builders write rows without the trail; `tests.duties.test_memory` turns it on
    EMAIL_URL=f"filemail:///{TEST_PATH / 'mail'}",
)

from personnel_portal.settings import *  # noqa: E402, F403 - the settings read the environment that stands above
from personnel_portal.settings import DATABASES, STATIC_ROOT  # noqa: E402 - as above

if DATABASE == "sqlite":
    # In a file, not in memory: a Celery worker and the live server's threads see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_PATH / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Without this WhiteNoise lists every static file anew for each test client.
WHITENOISE_AUTOREFRESH = True
STATIC_ROOT.mkdir()
