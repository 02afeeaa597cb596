// The values of filters that only the index knows, and how many hits have each.

/** Fill in the values of filters that the page has none of. */
export function offer(filters, facets) {
  for (const field of filters.filter((one) => one.options.length === 1)) {
    const values = { authority: facets.a, year: [...facets.y].sort(([one], [other]) => (one < other ? 1 : -1)) }[field.name];
    field.append(...(values ?? []).map(([value]) => new Option(value, value)));
  }
}

/** Write beside each value of each filter how many of the hits have it. */
export function count(filters, { hits, done }) {
  const counts = countsOf(hits);
  for (const field of filters) {
    for (const option of [...field.options].slice(1)) {
      option.dataset.label ??= option.textContent;
      option.textContent = `${option.dataset.label} (${counts[field.name]?.[option.value] ?? 0}${done ? "" : "+"})`;
    }
  }
}

/** How many of the records and sections among the hits have each value of each facet. */
function countsOf(hits) {
  const counts = { dataset: {}, kind: {}, authority: {}, severity: {}, year: {}, status: {} };
  for (const { block, row, dataset, date } of hits.filter((hit) => hit.block)) {
    const facts = [dataset.slug, dataset.kind, ...["a", "v"].map((name) => block.columns[name]?.[row])];
    facts.push(date?.slice(0, 4), block.columns.f?.[row]);
    Object.keys(counts).forEach((facet, at) => {
      const value = facts[at];
      if (value) {
        counts[facet][value] = (counts[facet][value] ?? 0) + 1;
      }
    });
  }
  return counts;
}
