"""The template of the page on which a person reviews an import."""

TEMPLATE = """<!doctype html>
<html lang="zh-Hans">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>导入复核：{{ copy.name }}</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem }
body { color: #1a1a1a; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.15rem; margin-top: 2rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt { color: #555 } dd { margin: 0; overflow-wrap: anywhere }
section.entry { border-top: 1px solid #bbb; padding: .6rem 0 }
.entry p { margin: 0 } .kinds { color: #333; font-size: .9rem }
.kinds b { border: 1px solid #555; border-radius: .2rem; padding: 0 .35rem; margin-right: .35rem; font-weight: 600 }
.unsure .kinds b { border-width: 2px }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: .3rem }
.sides div { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f4; padding: .3rem .5rem; min-width: 0 }
del { background: #f7d4cf; color: #5c0f06 } ins { background: #d3ebd6; color: #0d3f16; text-decoration: underline }
.label { font-size: .8rem; color: #555 }
@media (max-width: 40rem) { .sides { grid-template-columns: 1fr; gap: .4rem } }
</style>
<h1>导入复核：{{ copy.name }}</h1>
<dl>
<dt>格式</dt><dd>{{ copy.form }}，{{ copy.encoding }}</dd>
{% for document in documents %}
<dt>文件</dt><dd>{{ document.slug }}.md　{{ document.head.title }}
{%- if document.original_title %}（原题：{{ document.original_title }}）{% endif %}
{%- if document.head.number %}　{{ document.head.number }}{% endif %}</dd>
{% endfor %}
{% for kind, count in counts.items() if count %}
<dt>{{ names[kind] }}</dt><dd>{{ count }}</dd>
{% endfor %}
<dt>未改动</dt><dd>{{ same }}</dd>
</dl>
{% for group, title, shown in groups if shown %}
<h2>{{ title }}（{{ shown|length }}）</h2>
{% for one in shown %}
<section class="entry {{ group }}">
<p class="kinds">{% for kind in one.entry.kinds %}<b>{{ names[kind] }}</b>{% endfor %}
第 {{ one.entry.first }}{% if one.entry.last != one.entry.first %}–{{ one.entry.last }}{% endif %} 行
· {{ names[one.entry.place] }} · {{ one.entry.document }}
{%- for note in one.entry.notes %} · {{ told.get(note, note) }}{% endfor %}</p>
<div class="sides">
<div><span class="label">原文</span>
{% for lacks, run in one.raw %}{% if lacks %}<del>{{ run }}</del>{% else %}{{ run }}{% endif %}{% endfor %}</div>
<div><span class="label">结果</span>
{% for lacks, run in one.result %}{% if lacks %}<ins>{{ run }}</ins>{% else %}{{ run }}{% endif %}{% endfor %}</div>
</div>
</section>
{% endfor %}
{% endfor %}
</html>
"""
