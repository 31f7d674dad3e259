#!/usr/bin/env bash
# Portcullis beside other engines: builds all, compares them row by row, measures, makes the table of docs/performance.md.
#
#   benches/peers/run.sh 2026-03-02        writes the table into the page; the day is what it says there
#   QUICK=1 benches/peers/run.sh           a short run, which only prints
#   QUICK=1 benches/peers/run.sh 2026-03-02   a short run, written, and marked as one
#   QUICK=1 ROWS=1000000 benches/peers/run.sh    a short run on as many rows as a whole one
#
# PEERS_WORK is where rows and the Python environment are kept (some 3 GiB), CARGO_TARGET_DIR where the build goes.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
work="${PEERS_WORK:-$CARGO_TARGET_DIR/peers-work}"
features=()
# Parquet, where this version can read it.
if grep -q '^columnar *=' Cargo.toml; then features=(--features columnar); fi
cargo build --release --locked --quiet "${features[@]}"
cargo build --release --locked --quiet --manifest-path benches/peers/Cargo.toml
mkdir -p "$work"
# An environment that was left half made, or whose interpreter is gone, is made anew.
"$work/venv/bin/python" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r benches/peers/py/requirements.txt
exec "$work/venv/bin/python" benches/peers/py/run.py "$CARGO_TARGET_DIR/release" "$work" "${1:-}"
