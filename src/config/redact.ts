/** Targets and URLs as they may be shown. */

/** A target as a label or a name may show it: without user, password, query and fragment. */
export function redactTarget(target: string): string {
  return target.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
}
