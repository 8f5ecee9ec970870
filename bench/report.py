"""The table and the plot of what compare.py measured, into the docs."""

from pathlib import Path

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"
BASE = "turnserver"
COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#76b7b2", "#bab0ac")
BAR, GAP, LEFT, WIDTH = 14, 16, 260, 900


def write_report(docs: Path, medians, less_is_better, machine):
    """`medians`: by load and server. Ratios say how many times better than BASE a server is."""
    ratios = {load: {name: figures[BASE] / figure if load in less_is_better else figure / figures[BASE]
                     for name, figure in figures.items()}
              for load, figures in medians.items()}
    page = docs / "performance.md"
    before, rest = page.read_text().split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{table(medians, ratios, machine)}\n{END}{after}")
    (docs / "performance.svg").write_text(plot(ratios))


def table(medians, ratios, machine):
    names = list(next(iter(medians.values())))
    lines = [f"Measured on: {machine}.", "", "| load | " + " | ".join(names) + " |",
             "| --- |" + " ---: |" * len(names)]
    for load, figures in medians.items():
        cells = [f"{figures[name]:,.0f}" + ("" if name == BASE else f" ({ratios[load][name]:.1f}×)")
                 for name in names]
        lines.append(f"| {load} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(ratios):
    """Bars of how many times better than BASE each server is."""
    names = list(next(iter(ratios.values())))
    longest = max(ratio for each in ratios.values() for ratio in each.values())
    scale = (WIDTH - LEFT - 60) / longest
    parts, top = [], 30
    for column, name in enumerate(names):
        left = LEFT + 110 * column
        parts.append(f'<rect x="{left}" y="6" width="10" height="10" fill="{COLOURS[column]}"/>'
                     f'<text x="{left + 15}" y="15">{name}</text>')
    for load, each in ratios.items():
        middle = top + BAR * len(names) / 2 + 4
        parts.append(f'<text x="{LEFT - 8}" y="{middle:.0f}" text-anchor="end">{load}</text>')
        for column, name in enumerate(names):
            bar = each[name] * scale
            parts.append(f'<rect x="{LEFT}" y="{top}" width="{bar:.0f}" height="{BAR - 2}" '
                         f'fill="{COLOURS[column]}"/>'
                         f'<text x="{LEFT + bar + 4:.0f}" y="{top + BAR - 4}">{each[name]:.1f}×</text>')
            top += BAR
        top += GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" '
            'font-size="11">\n' + "\n".join(parts) + "\n</svg>\n")
