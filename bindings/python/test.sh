#!/usr/bin/env bash
# Builds the wheel, installs it into a fresh virtual environment beside the libraries it has to get on with, and runs the
# tests and the type checker there. `test.sh spark` runs the tests on a real Spark instead: that takes Java 17.
#
# PYTHON names the interpreter, `python3` if nothing is said. PROFILE=dev builds without optimising.
set -euo pipefail
cd "$(dirname "$0")"
suite="${1:-all}"
profile="${PROFILE:-release}"
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
echo "== a fresh virtual environment"
"${PYTHON:-python3}" -m venv "$place/venv"
export PATH="$place/venv/bin:$PATH"
pip install --quiet --disable-pip-version-check -r tests/requirements.txt
if [ "$suite" = spark ]; then pip install --quiet --disable-pip-version-check -r tests/requirements-spark.txt; fi
echo "== the wheel ($profile)"
maturin build --quiet --locked --profile "$profile" --out "$place/dist"
pip install --quiet --disable-pip-version-check "$place"/dist/portcullis-*.whl
ls -l "$place"/dist
echo "== the command line, to compare with"
cargo build --quiet --locked --profile "$profile" --manifest-path ../../Cargo.toml
target="${CARGO_TARGET_DIR:-../../target}"
PORTCULLIS="$(realpath "$target/$([ "$profile" = dev ] && echo debug || echo "$profile")/portcullis")"
export PORTCULLIS
if [ "$suite" = spark ]; then
  echo "== tests on Spark"
  pytest tests/test_spark.py -s
  exit
fi
echo "== format and lints"
cargo fmt --check
cargo clippy --quiet --locked --all-targets -- -D warnings
echo "== tests"
pytest tests --ignore tests/test_spark.py
echo "== types"
mypy -p portcullis
python -m mypy.stubtest portcullis._native --ignore-missing-stub
