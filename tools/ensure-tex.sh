#!/bin/sh
# See that LaTeX with all that our documents use is here, and a font for names in Chinese, Japanese and Korean: install
# what is missing if possible, otherwise say what to install. Without the font only such names cannot be printed.
set -eu
packages="texlive-latex-extra lmodern fonts-droid-fallback"

complete() {
    command -v pdflatex >/dev/null 2>&1 &&
        kpsewhich lmodern.sty microtype.sty mathtools.sty amssymb.sty booktabs.sty xcolor.sty tikz.sty \
            fancyhdr.sty lastpage.sty needspace.sty adjustbox.sty hyperref.sty | wc -l | grep -qx ' *12'
}

east_asian() {
    [ -e /usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf ] ||
        fc-list ':charset=674e' 2>/dev/null | grep -q .
}

complete && east_asian && exit 0
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
