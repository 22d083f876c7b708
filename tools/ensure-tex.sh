#!/bin/sh
# See that LaTeX with all that our documents use is here: install it if possible, otherwise say what to install.
set -eu
packages="texlive-latex-extra lmodern"

complete() {
    command -v pdflatex >/dev/null 2>&1 &&
        kpsewhich lmodern.sty microtype.sty mathtools.sty amssymb.sty booktabs.sty xcolor.sty tikz.sty \
            fancyhdr.sty lastpage.sty needspace.sty adjustbox.sty hyperref.sty | wc -l | grep -qx ' *12'
}

complete && exit 0
# shellcheck disable=SC2086
"$(dirname "$0")/apt-install.sh" $packages || true
complete && exit 0
cat >&2 <<TEXT

LaTeX is missing or incomplete. Without it the .tex files are written, but no PDF. To install it:
  Debian, Ubuntu   sudo apt-get install --no-install-recommends $packages
  macOS            brew install --cask mactex-no-gui
  elsewhere        TeX Live (https://tug.org/texlive), with the collection "latexextra"

TEXT
exit 1
