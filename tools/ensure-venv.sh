#!/bin/sh
# Make a virtual environment: ensure-venv.sh PYTHON FOLDER
set -eu
python=$1
folder=$2

usable() { "$folder/bin/python" -m pip --version >/dev/null 2>&1; }
create() { "$python" -m venv --clear "$folder" >/dev/null 2>&1 && usable; }

if ! version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))'); then
    echo "derive needs Python 3.11 or newer; $python is ${version:-missing}. Name another: make PYTHON=python3.12 ..." >&2
    exit 1
fi
usable && exit 0
echo "Making the virtual environment $folder ..." >&2
create && exit 0
# Debian keeps a part of the standard library in a package of its own.
"$(dirname "$0")/apt-install.sh" "python$version-venv" || "$(dirname "$0")/apt-install.sh" python3-venv || true
create && exit 0
rm -rf "$folder"
cat >&2 <<TEXT

Python's module venv does not work here. On Debian and Ubuntu: sudo apt-get install python$version-venv
TEXT
exit 1
