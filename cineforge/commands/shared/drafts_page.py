"""What a new draft changes, as one page to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cineforge.commands.drafts import pages

if TYPE_CHECKING:
    from cineforge.drafts import Drafts

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ found.old }} to {{ found.new }}: what changed</title>
<style>
body { margin: 0 auto; padding: 1rem; max-width: 52rem; color: #111; background: #fff; font: 10pt/1.35 Helvetica, Arial, "Liberation Sans", sans-serif; }
h1 { font-size: 17pt; margin: 0 0 .2rem; overflow-wrap: anywhere; } h2 { font-size: 12pt; margin: 1rem 0 .3rem; border-bottom: 1.5pt solid #111; break-after: avoid; }
table { width: 100%; border-collapse: collapse; } th, td { border: .5pt solid #666; padding: 2pt 4pt; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #e4e4e4; font-size: 8.5pt; } tr { break-inside: avoid; } .n { text-align: right; white-space: nowrap; }
.plus { color: #14591f; } .minus { color: #8c1c13; } .small { font-size: 8.5pt; }
@page { margin: 14mm 12mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt Helvetica, Arial, sans-serif; } }
@media print { body { padding: 0; max-width: none; } }
</style>
</head>
<body>
<h1>{{ found.old }} &rarr; {{ found.new }}</h1>
<p>Scenes {{ found.scenes_before }} &rarr; {{ found.scenes_after }}, pages {{ found.eighths_before | pages }} &rarr; {{ found.eighths_after | pages }}.{% if found.same %} Nothing changed.{% endif %}</p>
{% for title, rows in (("Added", found.added), ("Cut", found.cut), ("Omitted", found.omitted)) if rows %}
<h2>{{ title }} ({{ rows | length }})</h2>
<table><tr><th class="n">Scene</th><th>Heading</th><th class="n">Pages</th><th>Cast</th></tr>
{% for row in rows %}<tr><td class="n">{{ row.number }}</td><td>{{ row.heading }}</td><td class="n">{{ row.eighths | pages }}</td><td class="small">{{ row.cast | join(", ") }}</td></tr>
{% endfor %}</table>
{% endfor %}
{% if found.moved %}
<h2>Moved ({{ found.moved | length }})</h2>
<table><tr><th class="n">Scene</th><th>Heading</th><th class="n">Place</th></tr>
{% for row, was, now in found.moved %}<tr><td class="n">{{ row.number }}</td><td>{{ row.heading }}</td><td class="n">{{ was }} &rarr; {{ now }}</td></tr>
{% endfor %}</table>
{% endif %}
{% if found.changed %}
<h2>Changed ({{ found.changed | length }})</h2>
<table><tr><th class="n">Scene</th><th>Heading</th><th class="n">Pages</th><th class="n">Lines</th><th>Gained and lost</th></tr>
{% for each in found.changed %}<tr><td class="n">{{ each.number }}{% if each.was_number != each.number %}<br><span class="small">was {{ each.was_number }}</span>{% endif %}</td><td>{{ each.heading }}{% if each.was_heading != each.heading %}<br><span class="small minus">{{ each.was_heading }}</span>{% endif %}</td><td class="n">{{ each.eighths_before | pages }} &rarr; {{ each.eighths_after | pages }}</td><td class="n"><span class="plus">+{{ each.lines_added }}</span> <span class="minus">&minus;{{ each.lines_removed }}</span></td><td class="small">{% for name in each.cast_gained %}<span class="plus">+{{ name }}</span> {% endfor %}{% for name in each.cast_lost %}<span class="minus">&minus;{{ name }}</span> {% endfor %}{% for kind, names in each.elements_gained.items() %}{% for name in names %}<span class="plus">+{{ name }} ({{ kind | replace("_", " ") }})</span> {% endfor %}{% endfor %}{% for kind, names in each.elements_lost.items() %}{% for name in names %}<span class="minus">&minus;{{ name }} ({{ kind | replace("_", " ") }})</span> {% endfor %}{% endfor %}</td></tr>
{% endfor %}</table>
{% endif %}
{% for title, names in (("Cast gained", found.cast_gained), ("Cast lost", found.cast_lost)) if names %}
<h2>{{ title }}</h2>
<p>{{ names | join(", ") }}</p>
{% endfor %}
{% for title, kinds in (("Elements gained", found.elements_gained), ("Elements lost", found.elements_lost)) if kinds %}
<h2>{{ title }}</h2>
{% for kind, names in kinds.items() %}<p><b>{{ kind | replace("_", " ") }}</b>: {{ names | join(", ") }}</p>
{% endfor %}
{% endfor %}
</body>
</html>
"""  # noqa: E501


def drafts_page(found: Drafts) -> str:
    """One file, with nothing from anywhere else; what the scripts say is shown as text."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["pages"] = pages
    return environment.from_string(_PAGE).render(found=found)
