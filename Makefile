PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test quick lint format types check clean

run: $(VENV)/run.stamp  ## install if needed, start, open on 127.0.0.1
	$(BIN)/python app.py

# A browser story that fails beside another is told once more, alone; twice fails.
test: check  ## lint, types, every test
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not browser"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser \
	  || $(BIN)/python -m pytest -m browser --last-failed --last-failed-no-failures none

quick: $(VENV)/test.stamp  ## the tests that need neither TensorFlow nor a browser
	$(BIN)/python -m pytest -m "not slow and not browser"

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test.stamp
	$(BIN)/mypy

check: lint types

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/run.stamp: requirements.txt constraints.txt
	@echo "Installing Unseen into $(VENV): about 2.8 GB, a minute or two, once."
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.txt
	$(INSTALL) -r requirements-dev.txt
	@touch $@
