# Two commands: `make run` starts the portal on http://127.0.0.1:8000, `make test` proves it. Both install what is missing.
.PHONY: run test bench faults check types manners lock audit

PYTHON = .venv/bin/python
# The order of the files is that of tests/conftest.py, the long ones first.
PYTEST = .venv/bin/pytest --numprocesses auto --dist loadgroup --no-loadscope-reorder
# Values that satisfy the deployment check without being anybody's.
PRODUCTION = PORTAL_MODE=production SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	ALLOWED_HOSTS=portal.example.org DATABASE_URL=postgres://portal@localhost/portal REDIS_URL=redis://localhost \
	EMAIL_URL=smtp://localhost STORAGE_PATH=.var/files

run:
	@.ci/install run
	@exec $(PYTHON) -m personnel_portal.launch

test: check
	$(PYTEST)
	DATABASE=sqlite $(PYTEST) -m "database and not browser and not one_database"

# What it costs, beside floors and peers; some twenty minutes. `make bench ONLY="pages mail"` for a part of it.
bench:
	@.ci/install test
	$(PYTHON) -m tests.bench $(ONLY)

# What it withstands: kills, full disks, clocks that jump; some twenty minutes. `make faults ONLY="random smtp"` for a part.
faults:
	@.ci/install test
	$(PYTHON) -m tests.faults $(if $(ONLY),--only $(ONLY))

# The two slowest checks go side by side.
check:
	@.ci/install test
	@$(MAKE) --no-print-directory --jobs 2 types manners

types:
	.venv/bin/mypy .

manners:
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	.venv/bin/djlint templates personnel_portal --lint --quiet
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

lock:
	@.ci/install lock

# Apart from `make test`, which needs no network: pip-audit asks about every package that uv.lock names.
audit:
	@.ci/install audit
