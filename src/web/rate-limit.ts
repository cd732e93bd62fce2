/** A token bucket: a token each `intervalMs`, and at most `burst` of them kept. */

/** `rate_limit` of a web config. */
export interface RateLimitOptions {
  readonly intervalMs: number;
  readonly burst: number;
}

/** Says of each request whether there is a token for it. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #tokens: number;
  #filledAt: number;

  constructor(options: RateLimitOptions, now: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAt = now;
  }

  /** Takes a token; false where there is none. `now` is monotonic time. */
  allow(now: number): boolean {
    const { intervalMs, burst } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#filledAt) / intervalMs);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
