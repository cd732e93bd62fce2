/** The texts of the Debian package: its control file, its maintainer scripts, its copyright. */

/** DEBIAN/control. */
export function controlFile({ version, description }, { architecture, kilobytes }) {
  return `Package: vitald
Version: ${version}
Architecture: ${architecture}
Maintainer: the vitald authors <vitald@localhost>
Installed-Size: ${kilobytes}
Section: net
Priority: optional
Depends: nodejs (>= 20.19), init-system-helpers (>= 1.54)
Recommends: systemd
Suggests: ethtool, iproute2, iw, iputils-ping, prometheus
Description: host metrics and endpoint checks for Prometheus
 ${description}
 .
 One daemon in place of node_exporter, blackbox_exporter and a status page. It
 keeps their metric names, flags and file formats.
`;
}

/** DEBIAN/copyright's place is /usr/share/doc/vitald/copyright, in the machine-readable format 1.0. */
export function copyright(license) {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: vitald

Files: *
Copyright: the vitald authors
License: ${license}

Files: usr/lib/vitald/dist/* usr/lib/vitald/node_modules/*
Copyright: the authors of the bundled packages
License: ${license}
Comment: Bundled packages keep their notices in usr/lib/vitald/dist/*.LEGAL.txt and in their own folders.

License: MIT
 Permission is hereby granted, free of charge, to any person obtaining a copy
 of this software and associated documentation files (the "Software"), to deal
 in the Software without restriction, including without limitation the rights
 to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 copies of the Software, and to permit persons to whom the Software is
 furnished to do so, subject to the following conditions:
 .
 The above copyright notice and this permission notice shall be included in
 all copies or substantial portions of the Software.
 .
 THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 SOFTWARE.
`;
}

// deb-systemd-helper keeps what the administrator chose over upgrades; deb-systemd-invoke heeds policy-rc.d.
const postinst = `#!/bin/sh
set -e

case "$1" in
configure|abort-upgrade|abort-deconfigure|abort-remove)
    deb-systemd-helper unmask vitald.service >/dev/null || true
    if deb-systemd-helper --quiet was-enabled vitald.service; then
        deb-systemd-helper enable vitald.service >/dev/null || true
    else
        deb-systemd-helper update-state vitald.service >/dev/null || true
    fi
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload >/dev/null || true
        if [ -n "$2" ]; then action=restart; else action=start; fi
        deb-systemd-invoke "$action" vitald.service >/dev/null || true
    fi
    ;;
esac
`;

const prerm = `#!/bin/sh
set -e

# On an upgrade the old daemon serves until the new one takes over.
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    deb-systemd-invoke stop vitald.socket vitald.service >/dev/null || true
fi
`;

const postrm = `#!/bin/sh
set -e

if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    systemctl reset-failed vitald.service vitald.socket >/dev/null 2>&1 || true
fi

if [ "$1" = remove ] && command -v deb-systemd-helper >/dev/null; then
    deb-systemd-helper mask vitald.service >/dev/null || true
fi

if [ "$1" = purge ]; then
    if command -v deb-systemd-helper >/dev/null; then
        deb-systemd-helper purge vitald.service vitald.socket >/dev/null || true
        deb-systemd-helper unmask vitald.service >/dev/null || true
    fi
    # With DynamicUser= the folder is a link into private/.
    rm -rf /var/lib/vitald /var/lib/private/vitald
    # What the administrator put beside the config stays.
    rmdir --ignore-fail-on-non-empty /etc/vitald 2>/dev/null || true
fi
`;

/** The scripts that dpkg runs. */
export const maintainerScripts = { postinst, prerm, postrm };
