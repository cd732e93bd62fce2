/** As much of PromQL as it takes to find what an expression asks for. */

const selector =
  /(?<![\w:.$"])((?:up|(?:node|vitald|probe|process|nodejs|scrape)_\w+|\w+:\w[\w:]*)(?:\{[^}]*\})?)(?![\w(:"])/g;

/** The selectors of an expression, without what is done to them. */
export function selectorsOf(expr: string): string[] {
  return [...expr.matchAll(selector)].map(([, found = '']) => found);
}

/** The name of the family in a selector. */
export function familyOf(found: string): string {
  return /^[\w:]*/.exec(found)![0];
}

/** The labels that a selector asks for by value. */
export function matchedLabels(found: string): string[] {
  return [...found.matchAll(/[{,](\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label);
}
