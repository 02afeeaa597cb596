// Which columns a field of a query means. Not needed where no colon is typed.

/**
 * What a field's name means, by dataset: [stored, usual] columns of a block (see cellOf); null if it is no field's.
 * @param {object} root of the index
 */
export function makeFieldOf(root, fold) {
  return (name) => {
    const shown = Object.entries(root.aliases).find(([alias]) => fold(alias) === name)?.[1];
    const meaning = new Map();
    root.datasets.forEach(({ fields }, dataset) => {
      const own = fields.find(([field, title]) => fold(field) === name || fold(title) === name);
      if (own) {
        meaning.set(dataset, own.slice(2));
      } else if (shown) {
        meaning.set(dataset, ["", shown]);
      }
    });
    return meaning.size ? meaning : null;
  };
}
