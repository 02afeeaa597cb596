#!/bin/sh
# Makes what this program needs on this machine; called by the Makefile, safe to call again.
#
#   setup/environment.sh site      .venv with the packages of requirements.lock, and the command `gongshi`
#   setup/environment.sh test      the same with requirements-dev.lock
#   setup/environment.sh browser   Chromium, what Playwright needs to drive it, and a font for Chinese
#
# Which ways it knows, and why: docs/decisions/0001-setup.md.
set -eu
unset CDPATH PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX # each would send packages elsewhere
cd -- "$(dirname -- "$0")/.."

stamp=.venv/made-by-gongshi # "<key> site" or "<key> test"; empty while the environment is unfinished

say() { printf 'set-up: %s\n' "$*"; }
fail() {
    printf 'set-up: %s\n' "$@" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
can_install() { [ "$(id -u)" -eq 0 ] && have apt-get; }

apt_install() {
    say "apt-get install $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null || return 1
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

find_python() {
    for python in python3.11 python3; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return
        fi
    done
    fail "Python 3.11 or newer is needed, and neither python3.11 nor python3 is one." \
        "On Debian 12 an administrator installs it with: apt-get install python3"
}

# The same key means that the environment would be made the same way again.
key() {
    {
        cat requirements.lock requirements-build.lock requirements-dev.lock
        "$python" -VV
        pwd -P
    } | sha256sum | cut -d ' ' -f 1
}

# Debian's python3 brings neither ensurepip nor pip. Its package of pip's wheel is fetched and checked by apt-get and unpacked
# here, which needs no rights and changes nothing on the machine: its dependency ca-certificates would rewrite a bundle of
# certificates that was put there by hand.
borrow_pip() {
    have apt-get && have dpkg-deb || return 1
    say "taking pip from Debian's package python3-pip-whl, for this environment only"
    mkdir -p .venv/apt/lists/partial .venv/apt/archives/partial
    (
        cd .venv/apt
        for step in update "download python3-pip-whl"; do
            # shellcheck disable=SC2086 # a step is a command and its operand
            apt-get -qq -o APT::Sandbox::User=root -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD" $step </dev/null ||
                exit 1
        done
        dpkg-deb -x python3-pip-whl_*.deb .
    ) || return 1
    "$python" -m venv --without-pip .venv
    for wheel in .venv/apt/usr/share/python-wheels/pip-*.whl; do
        .venv/bin/python "$wheel/pip" install --quiet --no-index --no-deps "$wheel" || return 1
    done
    rm -rf .venv/apt
}

make_venv() {
    if [ -e .venv ] || [ -L .venv ]; then
        [ -f "$stamp" ] || fail ".venv is there already, and not made by make: move it away or remove it (rm -rf .venv)."
        rm -rf .venv
    fi
    mkdir .venv
    : >"$stamp"
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv
    elif "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --without-pip .venv
    else
        borrow_pip || fail "$python can make no environment: it has neither ensurepip nor pip, and apt-get could not fetch it." \
            "Ask the administrator of this machine for: apt-get install python3-venv"
    fi
}

# install KIND: the locked packages, then the project itself, for the command `gongshi`.
install() {
    lock=requirements.lock
    [ "$1" = site ] || lock=requirements-dev.lock
    pip=".venv/bin/python -m pip"
    $pip --version >/dev/null 2>&1 || pip="$python -m pip --python .venv/bin/python"
    quietly="--quiet --no-input --disable-pip-version-check"
    say "installing the packages of $lock into .venv"
    # shellcheck disable=SC2086 # pip and quietly are lists of words
    {
        # Wheels only: no package runs code of its own while it is installed, and no compiler is needed.
        $pip install $quietly --require-hashes --only-binary :all: -r requirements-build.lock -r "$lock" &&
            $pip install $quietly --no-index --no-deps --no-build-isolation --editable .
    } </dev/null || fail "pip could not install the locked packages; what it says stands above."
}

make_environment() {
    find_python
    wanted=$(key)
    made=$(cat "$stamp" 2>/dev/null || true)
    case $made in
    "$wanted test" | "$wanted $1") return ;;
    "$wanted site") : >"$stamp" ;; # the packages for tests are added to those for the site
    *) make_venv ;;
    esac
    install "$1"
    printf '%s %s\n' "$wanted" "$1" >"$stamp"
    say "ready: $("$python" --version), .venv"
}

has_chinese_font() {
    if have fc-list; then
        fc-list :lang=zh family | grep -q .
    else
        find /usr/share/fonts /usr/local/share/fonts -iname '*cjk*' 2>/dev/null | grep -q .
    fi
}

# Playwright brings the Node.js that it speaks to Chromium through; that one needs a library which a bare Debian lacks.
has_driver() {
    for node in .venv/lib/python3*/site-packages/playwright/driver/node; do
        if "$node" --version >/dev/null 2>&1; then return; fi
    done
    return 1
}

make_browser() {
    missing=
    have chromium || missing="$missing chromium"
    has_driver || missing="$missing libatomic1"
    has_chinese_font || missing="$missing fonts-noto-cjk"
    if [ -n "$missing" ] && can_install; then
        # shellcheck disable=SC2086 # a list of packages
        apt_install $missing || say "apt-get could not install:$missing"
    fi
    if ! have chromium || ! has_driver; then
        fail "the tests drive a real Chromium, and this machine lacks what they need for it." \
            "Ask its administrator for: apt-get install$missing" \
            "The tests that need no browser can be run now: make test-no-browser"
    fi
    has_chinese_font || say "warning: no font for Chinese (fonts-noto-cjk): pages in Chromium will show boxes"
}

case ${1-} in
site) make_environment site ;;
test) make_environment test ;;
browser) make_browser ;;
*) fail "usage: setup/environment.sh site|test|browser" ;;
esac
