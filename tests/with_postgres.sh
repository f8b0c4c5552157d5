#!/usr/bin/env bash
# Runs a command with a private PostgreSQL server: tests/with_postgres.sh COMMAND...
# The server listens on loopback, lives in a temporary folder and ends with the command;
# JIESU_TEST_POSTGRES holds its address. Where no server can be had the command runs without,
# and the tests that need one are skipped and say so.
set -euo pipefail

command=("$@")
folder=""
user=""

as_user() {
	if [ -n "$user" ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

clean_up() {
	if [ -n "$folder" ]; then
		as_user "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
		rm -rf "$folder"
	fi
}

without() {
	echo "PostgreSQL: $1; its tests will be skipped." >&2
	clean_up
	folder=""
	unset JIESU_TEST_POSTGRES
	"${command[@]}"
	exit
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
	chmod 700 "$folder"
	if [ -n "$user" ]; then chown "$user" "$folder"; fi
	# C.UTF-8, not the machine's own: sorting is then the same everywhere.
	as_user "$bin/initdb" -D "$folder/data" -U jiesu -A trust -E UTF8 --locale=C.UTF-8 -N \
		>"$folder.log" 2>&1 || return 1
	for _ in 1 2 3; do
		port="$(free_port)"
		as_user "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 30 -o \
			"-h 127.0.0.1 -p $port -k $folder -c fsync=off -c full_page_writes=off -c max_connections=200" \
			start >>"$folder.log" 2>&1 && return 0
	done
	return 1
}

[ $# -gt 0 ] || { echo "usage: $0 COMMAND..." >&2; exit 2; }
bin="$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)" || true
if [ ! -x "${bin:-}/initdb" ]; then
	bin="$(dirname "$(command -v initdb || echo /none/initdb)")"
fi
[ -x "$bin/initdb" ] || without "there is no initdb on this machine"
if [ "$(id -u)" = 0 ]; then
	# initdb refuses root.
	user="$(id -un postgres 2>/dev/null || id -un nobody 2>/dev/null)" || without "no ordinary user"
fi

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
folder="$(mktemp -d /tmp/jiesu-postgres.XXXXXX)"
start_error=""
start || { cat "$folder.log" >&2; start_error=yes; }
rm -f "$folder.log"
[ -z "$start_error" ] || without "the server does not start"

export JIESU_TEST_POSTGRES="postgresql+psycopg://jiesu@127.0.0.1:$port/postgres"
"${command[@]}"
