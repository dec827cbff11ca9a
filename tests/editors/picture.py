"""Turns what tmux has captured with its colours into an SVG: standard input to standard output."""
import io
import sys

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

WIDTH = 110
# Colours of terminals with a dark ground.
THEME = TerminalTheme(
    (30, 30, 36),
    (220, 220, 224),
    [(30, 30, 36), (224, 108, 117), (152, 195, 121), (229, 192, 123), (97, 175, 239), (198, 120, 221), (86, 182, 194), (200, 200, 206)],
    [(110, 110, 120), (240, 130, 138), (170, 212, 140), (240, 206, 140), (120, 190, 250), (212, 140, 235), (110, 200, 212), (240, 240, 244)],
)
# No frame, no title, and no font that would have to be fetched.
FORMAT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {terminal_width} {terminal_height}" role="img">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="100%" height="100%" rx="6" fill="#1e1e24"/>
<g class="{unique_id}-matrix">{backgrounds}
{matrix}</g>
</svg>
"""

console = Console(record=True, width=WIDTH, color_system="truecolor", legacy_windows=False, file=io.StringIO(), force_terminal=True)
for line in sys.stdin.read().rstrip("\n").split("\n"):
    console.print(Text.from_ansi(line), overflow="crop", no_wrap=True, crop=True)
sys.stdout.write(console.export_svg(theme=THEME, code_format=FORMAT, unique_id="t"))
