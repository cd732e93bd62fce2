/** Names of families as collectors declare them. */

/** Whether a declared name, which may be a pattern such as `node_vmstat_<field>`, stands for a name. */
export function standsFor(pattern: string, name: string): boolean {
  const parts = pattern.split(/<\w+>|\*/).map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(String.raw`\w+`)}$`).test(name);
}
