/**
 * The log: readable on a terminal, with journald levels under systemd, JSON or logfmt where a program reads it.
 */
import { pino } from 'pino';

/** What the daemon's parts may say; structured fields first, then a sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: Record<string, unknown>): Logger;
}

/** A log that nobody reads, for tests and one-shot commands. */
export const silentLogger: Logger = pino({ enabled: false });
