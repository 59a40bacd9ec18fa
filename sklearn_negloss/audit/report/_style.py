"""How a report looks: one style sheet, light and dark, on screen and on paper.

Every rule is inside ``.negloss``, because a report stands in other people's pages: a
notebook, a gallery, a site. Colours of the pictures are those of Okabe and Ito, which
readers with any colour vision tell apart.
"""

from __future__ import annotations

LIGHT = {
    "bg": "#ffffff",
    "soft": "#f4f6f8",
    "fg": "#1c2430",
    "muted": "#566070",
    "line": "#d5dbe3",
    "link": "#0b5cad",
    "calm": "#0b6e4f",
    "warning": "#8a5a00",
    "error": "#b3261e",
    "base": "#8c8c8c",
    "total": "#0072b2",
    "down": "#009e73",
    "up": "#d55e00",
}
DARK = {
    "bg": "#14181f",
    "soft": "#1d232c",
    "fg": "#e4e8ee",
    "muted": "#a3adba",
    "line": "#343d4a",
    "link": "#7ab8ff",
    "calm": "#5fd3a8",
    "warning": "#f0b84c",
    "error": "#ff8a80",
    "base": "#9aa0a6",
    "total": "#56b4e9",
    "down": "#2fc99b",
    "up": "#ff9248",
}

# What pages say of themselves: pydata and furo, JupyterLab, VS Code, Bootstrap.
PAGES = {
    "light": (
        "html[data-theme=light]",
        "body[data-theme=light]",
        "[data-jp-theme-light=true]",
        "[data-bs-theme=light]",
        "body.vscode-light",
    ),
    "dark": (
        "html[data-theme=dark]",
        "body[data-theme=dark]",
        "[data-jp-theme-light=false]",
        "[data-bs-theme=dark]",
        "body.vscode-dark",
    ),
}

RULES = """
.negloss, .negloss * { box-sizing: border-box; }
.negloss { background: var(--ng-bg); color: var(--ng-fg); text-align: left;
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
  sans-serif; border: 1px solid var(--ng-line); border-left: 4px solid var(--ng-tone);
  border-radius: 6px; padding: 14px 18px; max-width: 48rem; margin: 8px 0;
  overflow-wrap: anywhere; --ng-tone: var(--ng-calm); }
.negloss.warning, .negloss .warning { --ng-tone: var(--ng-warning); }
.negloss.error, .negloss .error { --ng-tone: var(--ng-error); }
.negloss .info { --ng-tone: var(--ng-muted); }
.negloss p { margin: 0 0 8px; color: inherit; font-size: inherit; line-height: inherit; }
.negloss a { color: var(--ng-link); text-decoration: none; }
.negloss a:hover { text-decoration: underline; }
.negloss .verdict { margin: 0 0 6px; font-size: 15px; }
.negloss .verdict strong { font-size: 20px; font-weight: 650; color: var(--ng-tone);
  margin-right: 8px; }
.negloss .verdict span, .negloss .muted { color: var(--ng-muted); }
.negloss .verdict span { display: inline-block; }
.negloss .figures { display: grid; gap: 6px 24px; margin: 10px 0;
  grid-template-columns: repeat(auto-fit, minmax(8.6rem, max-content)); }
.negloss .figures div { margin: 0; }
.negloss .figures b { display: block; font-size: 17px; font-weight: 600;
  font-variant-numeric: tabular-nums; line-height: 1.25; }
.negloss .figures span { color: var(--ng-muted); font-size: 12px; }
.negloss details, .negloss .finding { margin: 0; padding: 8px 0; border: 0;
  border-top: 1px solid var(--ng-line); background: none; box-shadow: none; }
.negloss summary { cursor: pointer; color: var(--ng-fg); background: none; padding: 0;
  font-weight: 400; }
.negloss .code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas,
  monospace; }
.negloss .name { font-weight: 600; }
.negloss .badge { display: inline-block; font-size: 11.5px; line-height: 18px;
  padding: 0 7px; border-radius: 9px; border: 1px solid var(--ng-tone);
  color: var(--ng-tone); white-space: nowrap; }
.negloss .body { padding: 6px 0 2px 16px; min-width: 0; max-width: none; }
.negloss .advice { border-left: 3px solid var(--ng-line); padding-left: 10px; }
.negloss table { border-collapse: collapse; margin: 4px 0 8px; font-size: 13px;
  width: auto; display: table; background: none; color: inherit; border: 0; }
.negloss th, .negloss td { text-align: left; padding: 3px 14px 3px 0; border: 0;
  border-bottom: 1px solid var(--ng-line); vertical-align: top; background: none;
  font-weight: 400; color: inherit; white-space: normal; line-height: 1.45; }
.negloss tr { background: none !important; text-align: left; }
.negloss thead th { color: var(--ng-muted); font-size: 12px; }
.negloss th:last-child, .negloss td:last-child { padding-right: 0; }
.negloss td.number { padding-left: 18px; text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.negloss td.word { white-space: nowrap; }
@media (max-width: 40rem) {
  .negloss table.wide tr { display: block; padding: 5px 0;
    border-bottom: 1px solid var(--ng-line); }
  .negloss table.wide td { display: inline-block; border: 0; padding: 0 10px 0 0; }
  .negloss table.wide td.reason { display: block; }
}
.negloss svg { display: block; width: 100%; height: auto; }
.negloss svg text { font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; fill: var(--ng-fg); }
.negloss svg .tick { fill: var(--ng-muted); font-size: 11.5px; }
.negloss svg .end { text-anchor: end; } .negloss svg .middle { text-anchor: middle; }
.negloss svg .strong { font-weight: 600; }
.negloss svg .number { font-variant-numeric: tabular-nums; }
.negloss svg .halo { paint-order: stroke; stroke: var(--ng-bg); stroke-width: 4px;
  stroke-linejoin: round; }
.negloss svg .negative { fill: var(--ng-up); opacity: 0.09; }
.negloss svg .axis { stroke: var(--ng-fg); stroke-width: 1; }
.negloss svg .thin { stroke: var(--ng-muted); stroke-width: 0.75; }
.negloss svg .link { stroke: var(--ng-muted); stroke-width: 1; }
.negloss svg .dotted { stroke: var(--ng-muted); stroke-width: 1; stroke-dasharray: 2 3; }
.negloss svg .base { fill: var(--ng-base); } .negloss svg .total { fill: var(--ng-total); }
.negloss svg .down { fill: var(--ng-down); } .negloss svg .up { fill: var(--ng-up); }
.negloss svg .loss { stroke: var(--ng-total); stroke-width: 2.2; }
.negloss svg .constant { stroke: var(--ng-base); stroke-width: 1.8;
  stroke-dasharray: 6 4; }
.negloss svg .gain { stroke: var(--ng-down); stroke-width: 3; }
.negloss svg .dot { fill: var(--ng-total); }
.negloss svg .open { fill: var(--ng-bg); stroke: var(--ng-total); stroke-width: 2; }
"""

PAGE = """
body.negloss-page { margin: 0; background: #ffffff; }
@media (prefers-color-scheme: dark) { body.negloss-page { background: #14181f; } }
.negloss.page { border: 0; border-radius: 0; max-width: 62rem; margin: 0 auto;
  padding: 40px 28px 56px; font-size: 15px; }
.negloss.page h1 { font-size: 14px; font-weight: 600; margin: 0 0 18px;
  color: var(--ng-muted); letter-spacing: 0.01em; }
.negloss.page h2 { font-size: 18px; font-weight: 650; margin: 34px 0 10px;
  color: inherit; }
.negloss.page .verdict { font-size: 17px; margin-bottom: 12px; }
.negloss.page .verdict strong { font-size: 32px; line-height: 1.15; }
.negloss.page .summary { font-size: 17px; line-height: 1.55; max-width: 46rem; }
.negloss.page .figures { gap: 10px 40px; margin: 22px 0 0; }
.negloss.page .figures b { font-size: 24px; }
.negloss.page .figures span { font-size: 13px; }
.negloss.page .pictures { display: grid; gap: 28px 44px;
  grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
.negloss.page figure { margin: 0; }
.negloss.page figcaption { color: var(--ng-muted); font-size: 13.5px; margin-top: 8px; }
.negloss.page .keys { display: block; margin-bottom: 4px; }
.negloss.page .finding { padding: 16px 0 12px; }
.negloss.page .finding h3 { font-size: 16px; font-weight: 600; margin: 0 0 8px;
  color: inherit; }
.negloss.page .finding h3 .muted { font-weight: 400; font-size: 14px; }
.negloss.page .finding p { max-width: 42rem; }
.negloss.page .parts { display: flex; flex-wrap: wrap; gap: 6px 44px;
  justify-content: space-between; }
.negloss.page .parts > div { flex: 1 1 22rem; }
.negloss.page table { font-size: 13.5px; margin-top: 0; }
.negloss.page table.wide { width: 100%; }
.negloss.page details { border-top: 0; }
.negloss.page .key { display: inline-block; width: 22px; border-top: 2.2px solid
  var(--ng-total); vertical-align: middle; margin: 0 6px 2px 0; }
.negloss.page .key.constant { border-top: 1.8px dashed var(--ng-base); margin-left: 14px; }
.negloss.page .key.gain { border-top: 3px solid var(--ng-down); margin-left: 14px; }
@media (max-width: 40rem) {
  .negloss.page { padding: 22px 16px 36px; }
  .negloss.page .verdict strong { display: block; font-size: 28px; }
}
@media print {
  body.negloss-page { background: none; }
  .negloss.page { max-width: none; padding: 0; font-size: 10.5pt; background: none;
    print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .negloss.page .finding, .negloss.page figure, .negloss.page tr {
    break-inside: avoid; }
  .negloss.page h2 { break-after: avoid; }
  .negloss.page .pictures { grid-template-columns: 1fr 1fr; gap: 20px; }
  .negloss.page a { color: inherit; }
}
"""


def style_sheet(*, page: bool = False) -> str:
    """Return the style of a report.

    Parameters
    ----------
    page : bool, default=False
        Whether the report is a page of its own, and not a part of another.

    Returns
    -------
    css : str
        Rules for a ``<style>`` element.
    """
    light, dark = _variables(LIGHT), _variables(DARK)
    light, dark = f"color-scheme: light; {light}", f"color-scheme: dark; {dark}"
    parts = [
        f".negloss {{ {light} }}",
        f"@media (prefers-color-scheme: dark) {{ .negloss {{ {dark} }} }}",
    ]
    for scheme, variables in (("light", light), ("dark", dark)):
        places = ", ".join(f"{where} .negloss" for where in PAGES[scheme])
        parts.append(f"{places} {{ {variables} }}")
    if page:
        parts.append(f"@media print {{ .negloss {{ {light} }} }}")
    return "\n".join([*parts, RULES.strip(), PAGE.strip() if page else ""])


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--ng-{name}: {colour};" for name, colour in colours.items())
