"""The table and the plot of what compare.py measured, in the docs."""

from pathlib import Path

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"
BASE = "turnserver"
LAST = ("forwarder", BASE)
COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#76b7b2", "#bab0ac")
BAR, GAP, LEFT, WIDTH = 14, 16, 310, 980


class Page:
    """What stands in the docs, by load and server, and what is added to it.

    `order` names the loads as they are to be listed; others are forgotten. Ratios say how many times better
    than BASE a server is."""

    def __init__(self, docs: Path, order, less_is_better):
        self.docs = docs
        self.less_is_better = less_is_better
        before, rest = (docs / "performance.md").read_text().split(BEGIN)
        measured, after = rest.split(END)
        self.around = before, after
        known = figures_of(measured)
        self.figures = {load: known.get(load, {}) for load in order}

    def add(self, medians):
        """A load's figures take the place of all that it had before: one run, one line."""
        self.figures.update(medians)

    def write(self, machine):
        measured = {load: figures for load, figures in self.figures.items() if figures}
        servers = list(dict.fromkeys(name for figures in measured.values() for name in figures))
        servers.sort(key=lambda name: LAST.index(name) if name in LAST else -1)
        ratios = {load: {name: self.ratio(load, name) for name in servers if name in figures}
                  for load, figures in measured.items()}
        before, after = self.around
        shown = f"Measured on: {machine}.\n\n{table(measured, ratios, servers)}"
        (self.docs / "performance.md").write_text(f"{before}{BEGIN}\n{shown}\n{END}{after}")
        (self.docs / "performance.svg").write_text(plot(ratios, servers))

    def ratio(self, load, name):
        base, figure = self.figures[load][BASE], self.figures[load][name]
        return base / figure if load in self.less_is_better else figure / base


def figures_of(measured):
    """What a table says: the figures by load and server."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in measured.splitlines() if line.startswith("|")]
    if not rows:
        return {}
    (_, *servers), _, *loads = rows
    return {load: {name: float(cell.split()[0].replace(",", ""))
                   for name, cell in zip(servers, cells) if cell}
            for load, *cells in loads}


def table(figures, ratios, servers):
    lines = ["| load | " + " | ".join(servers) + " |", "| --- |" + " ---: |" * len(servers)]
    for load, measured in figures.items():
        cells = [f"{measured[name]:,.0f}" + ("" if name == BASE else f" ({ratios[load][name]:.1f}×)")
                 if name in measured else "" for name in servers]
        lines.append(f"| {load} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(ratios, servers):
    """Bars of how many times better than BASE each server is."""
    longest = max(ratio for each in ratios.values() for ratio in each.values())
    scale = (WIDTH - LEFT - 60) / longest
    parts, top = [], 30
    colours = dict(zip(servers, COLOURS))
    for column, name in enumerate(servers):
        left = LEFT + 110 * column
        parts.append(f'<rect x="{left}" y="6" width="10" height="10" fill="{colours[name]}"/>'
                     f'<text x="{left + 15}" y="15">{name}</text>')
    for load, each in ratios.items():
        middle = top + BAR * len(each) / 2 + 4
        parts.append(f'<text x="{LEFT - 8}" y="{middle:.0f}" text-anchor="end">{load}</text>')
        for name, ratio in each.items():
            bar = ratio * scale
            parts.append(f'<rect x="{LEFT}" y="{top}" width="{bar:.0f}" height="{BAR - 2}" '
                         f'fill="{colours[name]}"/>'
                         f'<text x="{LEFT + bar + 4:.0f}" y="{top + BAR - 4}">{ratio:.1f}×</text>')
            top += BAR
        top += GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" '
            'font-size="11">\n' + "\n".join(parts) + "\n</svg>\n")
