#!/usr/bin/env python3
"""Copy the few front-end files that are served from node_modules/ into static/vendor/ (git-ignored).

Runs with any Python >= 3.11 and no packages, after `npm ci --ignore-scripts`. Does nothing when static/vendor/ already
matches package-lock.json and this script, so that it may run at every start (`--force` copies anyway).

Source map comments are removed: Django's manifest storage follows them and would fail on maps that are not shipped.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
STAMP = VENDOR / ".stamp"

# Where a file comes from (below node_modules/) and what it is called in static/vendor/.
FILES = {
    "@digdir/designsystemet-css/dist/theme/designsystemet.css": "designsystemet/theme.css",
    "@digdir/designsystemet-css/dist/src/index.css": "designsystemet/designsystemet.css",
    # The UMD build is the only one that is a single file: the ES module imports its dependencies by bare name.
    "@digdir/designsystemet-web/dist/umd/index.js": "designsystemet/designsystemet-web.js",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images/layers.png": "leaflet/images/layers.png",
    "leaflet/dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
    "leaflet/dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
    "leaflet/dist/images/marker-icon-2x.png": "leaflet/images/marker-icon-2x.png",
    "leaflet/dist/images/marker-shadow.png": "leaflet/images/marker-shadow.png",
    # "external" is the build without inline style and without workers made from blobs: what a strict CSP needs.
    "altcha/dist/external/altcha.min.js": "altcha/altcha.min.js",
    "altcha/dist/external/altcha.css": "altcha/altcha.css",
    "altcha/dist/workers/pbkdf2.js": "altcha/worker-pbkdf2.js",
    "altcha/dist/workers/sha.js": "altcha/worker-sha.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter/inter-latin-ext.woff2",
}
ICONS = MODULES / "@navikt" / "aksel-icons" / "dist" / "svg"
PACKAGES = sorted(
    {"@navikt/aksel-icons"}
    | {"/".join(p.split("/")[: 2 if p.startswith("@") else 1]) for p in FILES}
    # bundled into designsystemet-web.js
    | {
        "@floating-ui/dom",
        "@u-elements/u-combobox",
        "@u-elements/u-datalist",
        "@u-elements/u-details",
        "@u-elements/u-tabs",
    }
)

SOURCE_MAP = re.compile(r"(?://[#@]\s*sourceMappingURL=\S+|/\*[#@]\s*sourceMappingURL=.*?\*/)")
# One icon file: an <svg> with drawing inside. Only the drawing is kept, the tag `icon` writes the frame.
SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def fingerprint() -> str:
    """Hash of what decides the content of static/vendor/: the lock file and this script."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def copy_file(source: Path, target: Path) -> None:
    """Copy one file; text loses its source map comment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".css", ".js"}:
        target.write_text(SOURCE_MAP.sub("", source.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def collect_icons() -> dict[str, str]:
    """All icons of the Aksel set: name -> inner SVG markup (24 x 24, currentColor)."""
    icons = {}
    for path in sorted(ICONS.glob("*.svg")):
        match = SVG.search(path.read_text(encoding="utf-8"))
        if match:
            icons[path.stem] = " ".join(match.group(1).split())
    return icons


def licences() -> str:
    """The licence text of every package that is served, in one file."""
    parts = []
    for name in PACKAGES:
        folder = MODULES / name
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        texts = sorted(p for p in folder.iterdir() if p.name.upper().startswith("LICEN"))
        text = texts[0].read_text(encoding="utf-8").strip() if texts else f"Licence: {about.get('license')}"
        parts.append(f"{name} {about['version']} ({about.get('license')})\n\n{text}\n")
    return ("\n" + "-" * 100 + "\n\n").join(parts)


def main(arguments: list[str]) -> int:
    """Fill static/vendor/. Exit code 1 with a sentence when node_modules/ is incomplete."""
    wanted = fingerprint()
    if "--force" not in arguments and STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    missing = [name for name in FILES if not (MODULES / name).is_file()]
    if missing or not ICONS.is_dir():
        print(f"Front-end packages are missing ({(missing or [str(ICONS)])[0]}).", file=sys.stderr)
        print("Run `npm ci --ignore-scripts` first.", file=sys.stderr)
        return 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in FILES.items():
        copy_file(MODULES / source, VENDOR / target)
    icons = collect_icons()
    (VENDOR / "icons.json").write_text(json.dumps(icons, indent=0, sort_keys=True), encoding="utf-8")
    (VENDOR / "LICENCES.txt").write_text(licences(), encoding="utf-8")
    STAMP.write_text(wanted)
    print(f"static/vendor: {len(FILES)} files and {len(icons)} icons")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
