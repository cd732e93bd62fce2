/** What the commands of the command line share. */
import type { Registry } from '../config/config.ts';
import type { ConfigInput } from '../config/load.ts';

/** What the commands share. */
export interface CommandContext {
  readonly registry: Registry;
  readonly input: ConfigInput;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether what a person reads may be coloured. */
  readonly coloured: boolean;
}
